namespace ContainerBuildGuard.Sigstore;

/// <summary>A key, key file or password that cannot be used. The message says why and what to do, and holds no key material.</summary>
public sealed class KeyException : Exception
{
    /// <summary>Creates the exception.</summary>
    public KeyException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
