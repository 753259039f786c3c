using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Publishing;

/// <summary>The policy of a publish: the one that is named, else the nearest above the project, else the defaults.</summary>
internal static class PublishPolicy
{
    /// <exception cref="Findings.GuardException">CBG9007 or CBG9009: the policy or the threshold is wrong.</exception>
    public static Policy Load(string path, string projectDirectory, string failOn)
    {
        var file = path.Length > 0 ? path : PolicyLoader.FindNearest(projectDirectory);
        var policy = file is null ? Policy.Default : PolicyLoader.Load(file, RuleCatalog.Codes);
        return failOn.Length == 0 ? policy : policy.WithFailOn(failOn, "ContainerBuildGuardFailOn");
    }
}
