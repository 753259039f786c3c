using System.Collections.Immutable;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>How an image is inspected.</summary>
public sealed record InspectionOptions
{
    public InspectionLimits Limits { get; init; } = InspectionLimits.Default;

    /// <summary>Where facts of layers are kept; null keeps and takes none.</summary>
    public FactCache? Cache { get; init; }

    /// <summary>Whether a local layer whose facts are known is read against its digest all the same; not needed where whoever takes the layer next does that.</summary>
    public bool ReadKnownLayers { get; init; } = true;

    /// <summary>The diff IDs of the base image, where it is known; empty leaves it to the image's history.</summary>
    public ImmutableArray<Digest> BaseLayers { get; init; } = [];
}
