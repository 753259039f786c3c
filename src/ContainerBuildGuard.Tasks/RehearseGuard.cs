using ContainerBuildGuard.Publishing;
using Microsoft.Build.Framework;

namespace ContainerBuildGuard.Tasks;

/// <summary>Begins what makes <see cref="GuardContainer"/> quicker, beside the SDK's building of the image. Holds no decision, and fails no build.</summary>
public sealed class RehearseGuard : GuardTask
{
    /// <summary>Where the SDK is going to write its archive; what the rehearsal writes lies beside it, while it runs.</summary>
    [Required]
    public string StagedArchive { get; set; } = "";

    /// <summary>A small .NET assembly to look into.</summary>
    [Required]
    public string Library { get; set; } = "";

    public string Host { get; set; } = "";

    public string Advisories { get; set; } = "";

    public string ProjectAssetsFile { get; set; } = "";

    public bool Cache { get; set; } = true;

    protected override System.Threading.Tasks.Task RunAsync(CancellationToken cancellationToken)
    {
        var rehearsal = Rehearsal.Begin(new PublishRequest
        {
            StagedArchive = StagedArchive,
            Repository = "",
            Tags = [],
            ProjectFile = ProjectFile,
            TargetFramework = TargetFramework,
            ProjectAssetsFile = Rooted(ProjectAssetsFile),
            PolicyPath = Rooted(Policy),
            FailOn = FailOn,
            // Without a cache the machine would be looked at twice.
            Host = Cache ? Host : "off",
            AdvisoriesPath = Rooted(Advisories),
            UseCache = Cache,
            ReportDirectory = ReportDirectory,
        }, Library);
        if (rehearsal is not null)
        {
            // MSBuild disposes it with the build.
            BuildEngine4.RegisterTaskObject(typeof(Rehearsal), rehearsal, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
        }

        return System.Threading.Tasks.Task.CompletedTask;
    }
}
