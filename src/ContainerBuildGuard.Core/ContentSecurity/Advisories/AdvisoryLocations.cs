namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Where the user's advisory database is.</summary>
public static class AdvisoryLocations
{
    /// <summary><c>$CONTAINERBUILDGUARD_ADVISORIES</c>, else a folder of the user's local application data.</summary>
    public static string Default => Environment.GetEnvironmentVariable("CONTAINERBUILDGUARD_ADVISORIES") is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "ContainerBuildGuard", "advisories");
}
