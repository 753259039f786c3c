namespace ContainerBuildGuard.Sigstore;

/// <summary>A private key that signs, wherever it is kept.</summary>
public interface ISigner : IDisposable
{
    /// <summary>The public half; its algorithm is how <see cref="SignAsync"/> signs.</summary>
    VerificationKey PublicKey { get; }

    /// <summary>Signs the data: ECDSA in DER over the curve's own hash, RSA over SHA-256, Ed25519 over the data itself.</summary>
    /// <exception cref="KeyException">The key's holder refused or could not be reached.</exception>
    ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);
}
