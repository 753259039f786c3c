using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Inspection;

/// <summary>One of the controls that judges images: brings observers for the walk, then turns what they saw into findings.</summary>
public interface IImageControl
{
    Control Control { get; }

    IEnumerable<ILayerObserver> CreateObservers();

    /// <summary>Findings and packages; gaps where something could not be judged.</summary>
    ValueTask<ControlResult> JudgeAsync(ImageInspection inspection, CancellationToken cancellationToken);
}

/// <summary>What a control has to say of one image.</summary>
public sealed record ControlResult
{
    public IReadOnlyList<Finding> Findings { get; init; } = [];
    public IReadOnlyList<Package> Packages { get; init; } = [];
    public IReadOnlyList<Gap> Gaps { get; init; } = [];
}
