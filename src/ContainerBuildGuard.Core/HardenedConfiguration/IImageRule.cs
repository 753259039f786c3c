using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>One rule on an image's configuration and files. Pure: no I/O beyond the inspection.</summary>
internal interface IImageRule
{
    Rule Rule { get; }

    IEnumerable<Finding> Check(HardeningFacts facts);
}

/// <summary>What the rules look at.</summary>
internal sealed record HardeningFacts(ImageInspection Inspection, AccountFile Accounts)
{
    public ContainerBuildGuard.Images.ImageConfig Config => Inspection.Image.Config;

    /// <summary>Visible entries that the app's layers brought.</summary>
    public IEnumerable<LayerEntry> AppEntries => Inspection.Files.Visible.Where(e => Inspection.LayerOf(e).Origin == Origin.App).OrderBy(e => e.Path, StringComparer.Ordinal);

    public Location At(LayerEntry entry) => Inspection.LayerOf(entry).At(entry.Path);
}
