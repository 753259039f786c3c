using System.Formats.Asn1;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Tool.Pkcs11;

/// <summary>A key that stays on a PKCS #11 token: a smart card, a hardware security module, SoftHSM.</summary>
internal sealed class TokenSigner : ISigner
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";
    private readonly Pkcs11Module _module;
    private readonly TokenSession _session;
    private readonly CULong _key;

    private TokenSigner(Pkcs11Module module, TokenSession session, CULong key, VerificationKey publicKey) => (_module, _session, _key, PublicKey) = (module, session, key, publicKey);

    public VerificationKey PublicKey { get; }

    /// <exception cref="KeyException">The module, the token, the PIN or the key is missing or refuses.</exception>
    public static Task<ISigner> OpenAsync(string reference, CancellationToken cancellationToken) => Task.Run<ISigner>(() => Open(Pkcs11Uri.Parse(reference)), cancellationToken);

    private static TokenSigner Open(Pkcs11Uri uri)
    {
        var module = Pkcs11Module.Load(ModuleFile.Find(uri, Environment.GetEnvironmentVariable), uri.Name);
        TokenSession? session = null;
        try
        {
            session = new TokenSession(module, uri);
            var key = session.Find(Cryptoki.PrivateKeyObject, uri.ObjectLabel, uri.Id) switch
            {
                [var one] => one,
                [] => throw new KeyException($"The token has no private key '{uri.Name}'."),
                _ => throw new KeyException($"The token has several private keys that '{uri.Name}' could mean: name both object=LABEL and id=%01."),
            };
            return new TokenSigner(module, session, key, TokenPublicKey.Read(session, key, uri));
        }
        catch
        {
            session?.Dispose();
            module.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var algorithm = PublicKey.Algorithm;
        return ValueTask.FromResult(algorithm.Scheme switch
        {
            SignatureScheme.Ecdsa => EcdsaSignature.ToDer(_session.Sign(_key, Cryptoki.Ecdsa, CryptographicOperations.HashData(algorithm.Hash, data.Span))),
            SignatureScheme.Ed25519 => _session.Sign(_key, Cryptoki.EdDsa, data.Span),
            _ => _session.Sign(_key, Cryptoki.RsaPkcs1, DigestInfo(CryptographicOperations.HashData(algorithm.Hash, data.Span))),
        });
    }

    /// <inheritdoc />
    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, SignatureAlgorithm algorithm, CancellationToken cancellationToken) =>
        algorithm == PublicKey.Algorithm ? SignAsync(data, cancellationToken)
        : algorithm.Scheme == SignatureScheme.RsaPss && PublicKey.Algorithm.Scheme == SignatureScheme.RsaPkcs1 ? ValueTask.FromResult(SignPss(data.Span, algorithm.Hash))
        : throw new KeyException($"The key is for {PublicKey.Algorithm.Scheme} and cannot sign as {algorithm.Scheme}.");

    public void Dispose()
    {
        PublicKey.Dispose();
        _session.Dispose();
        _module.Dispose();
    }

    private byte[] SignPss(ReadOnlySpan<byte> data, HashAlgorithmName algorithm)
    {
        var hash = CryptographicOperations.HashData(algorithm, data);
        var (name, mask) = hash.Length switch
        {
            48 => (Cryptoki.Sha384, Cryptoki.MaskBySha384),
            64 => (Cryptoki.Sha512, Cryptoki.MaskBySha512),
            _ => (Cryptoki.Sha256, Cryptoki.MaskBySha256),
        };
        return _session.Sign(_key, Cryptoki.RsaPss, hash, new PssParameters { Hash = new CULong(name), Mask = new CULong(mask), SaltLength = new CULong((nuint)hash.Length) });
    }

    /// <summary>What a token pads and raises to its exponent (RFC 8017, section 9.2): it hashes nothing itself, as many cannot.</summary>
    private static byte[] DigestInfo(byte[] hash)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Sha256);
                writer.WriteNull();
            }

            writer.WriteOctetString(hash);
        }

        return writer.Encode();
    }
}
