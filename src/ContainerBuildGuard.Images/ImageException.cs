namespace ContainerBuildGuard.Images;

/// <summary>What kept an image from being read or delivered.</summary>
public enum ImageError
{
    /// <summary>Not a reference, archive or layout this library knows.</summary>
    InvalidReference,

    /// <summary>There is no such image, tag, blob or file.</summary>
    NotFound,

    /// <summary>The content breaks its format: truncated, malformed.</summary>
    Malformed,

    /// <summary>The content is over a limit; the message names it.</summary>
    LimitExceeded,

    /// <summary>The content is not what its digest or size says.</summary>
    DigestMismatch,

    /// <summary>A media type or version that this library does not know.</summary>
    Unsupported,

    /// <summary>The server or engine cannot be reached, or broke off.</summary>
    Unreachable,

    /// <summary>Credentials are missing or refused.</summary>
    Unauthorized,

    /// <summary>The credentials are good, the operation is not allowed.</summary>
    Denied,

    /// <summary>The local file system refused.</summary>
    Io,
}

/// <summary>An image that cannot be read or delivered. The message is one sentence: what, where, and what to do; it holds no credential.</summary>
public sealed class ImageException : Exception
{
    /// <summary>Creates the exception.</summary>
    public ImageException(ImageError error, string message, Exception? inner = null)
        : base(message, inner) => Error = error;

    /// <summary>The kind of failure.</summary>
    public ImageError Error { get; }
}
