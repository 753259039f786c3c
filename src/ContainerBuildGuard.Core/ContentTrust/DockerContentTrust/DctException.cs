namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Why trust data was refused, or could not be had.</summary>
internal enum DctError
{
    /// <summary>Metadata that breaks its format.</summary>
    Malformed,

    /// <summary>Too few good signatures of a role's keys.</summary>
    SignatureMissing,

    /// <summary>A root key that is not the repository's, not the pinned one, or new where only known ones are believed.</summary>
    NotTrusted,

    /// <summary>Metadata past its end: a freeze, a repository that nobody keeps up, or a clock that is wrong.</summary>
    Expired,

    /// <summary>An older version than was trusted before, or a role that was there before and is missing.</summary>
    Rollback,

    /// <summary>Content without the length and hashes that signed metadata gives it.</summary>
    Mismatch,

    /// <summary>More bytes, roles or versions than the limits allow.</summary>
    Limit,

    /// <summary>The server has no trust data of the repository.</summary>
    NotFound,

    /// <summary>The server cannot be reached or refuses, or this machine has no trust data that can be used without it.</summary>
    Unreachable,
}

/// <summary>Trust data that was refused or could not be had. The message is one clause without a closing period.</summary>
internal sealed class DctException(DctError error, string message, Exception? inner = null) : Exception(message, inner)
{
    public DctError Error { get; } = error;

    public static DctException Malformed(string what) => new(DctError.Malformed, what);
}
