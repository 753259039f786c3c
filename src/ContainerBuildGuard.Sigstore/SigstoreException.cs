namespace ContainerBuildGuard.Sigstore;

/// <summary>Why a document or service of Sigstore could not be used.</summary>
public enum SigstoreError
{
    /// <summary>The content breaks its format: truncated, ambiguous, over a limit.</summary>
    Malformed,

    /// <summary>A version or algorithm that this client does not know.</summary>
    Unsupported,

    /// <summary>A service cannot be reached, or broke off.</summary>
    Unreachable,

    /// <summary>A service answered, and refused.</summary>
    Refused,

    /// <summary>What a service or mirror answered is not what trust allows: a wrong signature, an expired or older version.</summary>
    Untrusted,
}

/// <summary>A Sigstore document or service that cannot be used. The message is one sentence without a closing period; it holds no token and no key.</summary>
public sealed class SigstoreException : Exception
{
    /// <summary>Creates the exception.</summary>
    public SigstoreException(SigstoreError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>The kind of failure.</summary>
    public SigstoreError Error { get; }
}
