namespace ContainerBuildGuard.Tool;

/// <summary>What people script against.</summary>
internal static class ExitCode
{
    public const int Passed = 0;

    /// <summary>Findings at or above the threshold, or a signature that does not verify.</summary>
    public const int Refused = 1;

    /// <summary>Wrong usage or input.</summary>
    public const int Usage = 2;

    /// <summary>Could not finish: network, permission, missing database. Never a pass.</summary>
    public const int Unfinished = 3;
}
