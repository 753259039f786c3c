namespace ContainerBuildGuard.Findings;

/// <summary>The guard could not do its work: a coded error (CBG9xxx, or CBG3xxx in content trust) whose message is one sentence saying what, where and what to do.</summary>
public sealed class GuardException : Exception
{
    public GuardException(string code, GuardFailure kind, string message, Exception? inner = null)
        : base(Text.Clean(message), inner) => (Code, Kind) = (code, kind);

    public string Code { get; }

    /// <summary>What the tool's exit code follows from.</summary>
    public GuardFailure Kind { get; }

    /// <summary>The user's file that is wrong, where one is.</summary>
    public string? File { get; init; }

    /// <summary>One-based line in <see cref="File"/>; 0 where unknown.</summary>
    public int Line { get; init; }

    /// <summary>One-based column in <see cref="File"/>; 0 where unknown.</summary>
    public int Column { get; init; }
}

/// <summary>Why the guard could not do its work.</summary>
public enum GuardFailure
{
    /// <summary>Wrong usage or input: exit code 2.</summary>
    Input,

    /// <summary>Network, permission, missing database: exit code 3.</summary>
    Environment,
}
