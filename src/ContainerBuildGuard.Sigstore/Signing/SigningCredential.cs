using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>What signs: a long-lived key, or a key of the moment with a certificate for it.</summary>
public sealed class SigningCredential : IDisposable
{
    private readonly bool _owned;

    private SigningCredential(ISigner signer, byte[]? certificate, string name, string? issuer, bool owned) =>
        (Signer, Certificate, Name, Issuer, _owned) = (signer, certificate, name, issuer, owned);

    /// <summary>The key.</summary>
    public ISigner Signer { get; }

    /// <summary>The certificate (DER); null where the key is a long-lived one.</summary>
    public byte[]? Certificate { get; }

    /// <summary>Who signs, for people.</summary>
    public string Name { get; }

    /// <summary>Who vouched for the identity; null where a key signs.</summary>
    public string? Issuer { get; }

    /// <summary>A long-lived key, which stays its owner's.</summary>
    public static SigningCredential FromKey(ISigner signer, string name) => new(signer, null, name, null, owned: false);

    /// <summary>Makes a key and has a certificate authority certify that it belongs to the token's identity.</summary>
    /// <param name="token">Who signs.</param>
    /// <param name="authority">The certificate authority's base URL (Fulcio).</param>
    /// <param name="http">The client; it should follow no redirects, since the token goes with the request.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="SigstoreException">The authority refused, cannot be reached, or certified something else.</exception>
    public static async Task<SigningCredential> FromIdentityAsync(IdentityToken token, Uri authority, HttpClient http, CancellationToken cancellationToken)
    {
        var key = SigningKey.Generate();
        try
        {
            var certificate = await FulcioClient.RequestAsync(http, authority, token, key, cancellationToken).ConfigureAwait(false);
            var parsed = SigningCertificate.Parse(certificate);
            return CryptographicOperations.FixedTimeEquals(parsed.Key.SubjectPublicKeyInfo, key.PublicKey.SubjectPublicKeyInfo)
                ? new SigningCredential(key, certificate, string.Join(", ", parsed.Subjects), parsed.Issuer, owned: true)
                : throw new SigstoreException(SigstoreError.Untrusted, $"{authority.Host} certified another key than the one it was given");
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_owned)
        {
            Signer.Dispose();
        }
    }
}
