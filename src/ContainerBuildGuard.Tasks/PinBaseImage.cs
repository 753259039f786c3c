using ContainerBuildGuard.Publishing;
using Microsoft.Build.Framework;

namespace ContainerBuildGuard.Tasks;

/// <summary>Has the base image looked at before the SDK builds on it, and hands back the digest to build on. Holds no decision.</summary>
public sealed class PinBaseImage : GuardTask
{
    public string BaseTag { get; set; } = "";

    public string BaseDigest { get; set; } = "";

    /// <summary>The .NET SDK's list of timestamp authorities, which Microsoft's signatures are held against.</summary>
    public string TimestampRoots { get; set; } = "";

    /// <summary>Where the base comes from: its registry or a mirror of it; empty where the SDK is to find it by itself.</summary>
    [Output]
    public string PinnedRegistry { get; set; } = "";

    [Output]
    public string PinnedRepository { get; set; } = "";

    [Output]
    public string PinnedDigest { get; set; } = "";

    protected override async System.Threading.Tasks.Task RunAsync(CancellationToken cancellationToken)
    {
        var outcome = await BaseImagePinning.RunAsync(new PinRequest
        {
            BaseImage = BaseImage,
            Registry = BaseRegistry,
            Repository = BaseRepository,
            Tag = BaseTag,
            Digest = BaseDigest,
            RuntimeIdentifiers = [.. Split(RuntimeIdentifiers)],
            FactsFile = BaseFactsFile,
            Locking = Locking,
            ContentTrust = ContentTrust,
            ProjectFile = ProjectFile,
            TargetFramework = TargetFramework,
            PolicyPath = Rooted(Policy),
            FailOn = FailOn,
            TrustedRoot = RootedTrust,
            TimestampRoots = TimestampRoots,
            ReportDirectory = ReportDirectory,
            AlsoRefuses = IsErrorInThisBuild,
        }, cancellationToken);
        foreach (var finding in outcome.Refusing)
        {
            Print(finding, refuses: true);
        }

        (PinnedRegistry, PinnedRepository, PinnedDigest) = (outcome.Registry, outcome.Repository, outcome.Digest);
        if (outcome.Summary.Length > 0)
        {
            Log.LogMessage(MessageImportance.Normal, "{0}", outcome.Summary);
        }
    }
}
