namespace ContainerBuildGuard.SystemPackages;

/// <summary>Where apk keeps its list of installed packages.</summary>
internal static class ApkDatabase
{
    /// <summary>The places, the oldest first: those of apk 2, of systems whose <c>/lib</c> is in <c>/usr</c>, and of some that keep what changes under <c>/var</c>.</summary>
    public static IReadOnlyList<string> Places { get; } = ["lib/apk/db/installed", "usr/lib/apk/db/installed", "var/lib/apk/db/installed"];
}
