namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Where the user's advisory index is.</summary>
public static class AdvisoryLocations
{
    /// <summary>The index's name in <see cref="Default"/>.</summary>
    public const string IndexName = "advisories.cbgadv";

    /// <summary><c>$CONTAINERBUILDGUARD_ADVISORIES</c> (a folder, an index or an OSV zip), else a folder of the user's local application data.</summary>
    public static string Default => Environment.GetEnvironmentVariable("CONTAINERBUILDGUARD_ADVISORIES") is { Length: > 0 } named
        ? named
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "ContainerBuildGuard", "advisories");

    /// <summary>Whether there is anything at <see cref="Default"/>.</summary>
    public static bool HasDefault => File.Exists(Default) || (Directory.Exists(Default) && Directory.EnumerateFileSystemEntries(Default).Any());
}
