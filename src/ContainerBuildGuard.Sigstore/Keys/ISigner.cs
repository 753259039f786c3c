namespace ContainerBuildGuard.Sigstore;

/// <summary>A private key that signs, wherever it is kept.</summary>
public interface ISigner : IDisposable
{
    /// <summary>The public half; its algorithm is how <see cref="SignAsync(ReadOnlyMemory{byte}, CancellationToken)"/> signs.</summary>
    VerificationKey PublicKey { get; }

    /// <summary>Signs the data: ECDSA in DER over the curve's own hash, RSA over SHA-256, Ed25519 over the data itself.</summary>
    /// <exception cref="KeyException">The key's holder refused or could not be reached.</exception>
    ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Signs the data in another way than the key's usual one: RSA-PSS, another hash. ECDSA in DER.</summary>
    /// <exception cref="KeyException">The key cannot sign so, or its holder refused or could not be reached.</exception>
    ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, SignatureAlgorithm algorithm, CancellationToken cancellationToken);
}
