namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>Why an update was refused, or could not be made (TUF specification 1.0, section 1.5 for the attacks).</summary>
public enum TufError
{
    /// <summary>Metadata that breaks its format, or names something this client does not know.</summary>
    Malformed,

    /// <summary>Too few good signatures of the role's keys.</summary>
    SignatureMissing,

    /// <summary>Metadata past its end: an indefinite freeze, or a clock that is wrong.</summary>
    Expired,

    /// <summary>An older version than was trusted before.</summary>
    Rollback,

    /// <summary>Content that does not have the version, length or hash that signed metadata gives it.</summary>
    Mismatch,

    /// <summary>More bytes, roles or versions than the limits allow.</summary>
    Limit,

    /// <summary>The repository has no such metadata or target.</summary>
    NotFound,

    /// <summary>The repository cannot be reached, or broke off.</summary>
    Unreachable,
}

/// <summary>An update that was refused or could not be made. The message is one sentence without a closing period.</summary>
public sealed class TufException : Exception
{
    /// <summary>Creates the exception.</summary>
    public TufException(TufError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>The kind of failure.</summary>
    public TufError Error { get; }
}
