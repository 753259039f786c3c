using System.Security.Cryptography;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>A private key of the docker client's store: ECDSA or RSA, in PKCS#8 with headers that name role and repository.</summary>
internal sealed class DctSigningKey : IDisposable
{
    private readonly ECDsa? _ecdsa;
    private readonly RSA? _rsa;

    private DctSigningKey(ECDsa? ecdsa, RSA? rsa) => (_ecdsa, _rsa) = (ecdsa, rsa);

    public string Kind => _ecdsa is not null ? "ecdsa" : "rsa";

    /// <summary>The identity of the bare public key, under which the store files it.</summary>
    public string CanonicalId => DctKey.IdOf(Kind, Convert.ToBase64String(_ecdsa?.ExportSubjectPublicKeyInfo() ?? _rsa!.ExportSubjectPublicKeyInfo()));

    /// <summary>A signature as Notary writes it: over SHA-256; ECDSA as two numbers, RSA with PSS.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data) =>
        _ecdsa?.SignData(data, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
        ?? _rsa!.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);

    public void Dispose()
    {
        _ecdsa?.Dispose();
        _rsa?.Dispose();
    }

    /// <summary>Reads a key; null where none of the passphrases opens it.</summary>
    /// <exception cref="CryptographicException">It is no key of a form that is known.</exception>
    public static DctSigningKey? Parse(string pem, IEnumerable<string> passphrases)
    {
        var (label, der) = Decode(pem);
        try
        {
            switch (label)
            {
                case "PRIVATE KEY":
                    return Ecdsa(key => key.ImportPkcs8PrivateKey(der, out _)) ?? Rsa(key => key.ImportPkcs8PrivateKey(der, out _)) ?? throw new CryptographicException("it is neither ECDSA nor RSA");
                case "ENCRYPTED PRIVATE KEY":
                    return passphrases.Select(p => Ecdsa(key => key.ImportEncryptedPkcs8PrivateKey(p, der, out _)) ?? Rsa(key => key.ImportEncryptedPkcs8PrivateKey(p, der, out _))).FirstOrDefault(k => k is not null);
                default:
                    throw new CryptographicException($"it is a PEM of '{label}'");
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(der);
        }
    }

    /// <summary>Takes the PEM apart by hand: headers between the first line and the base64 are none that the platform's reader takes.</summary>
    private static (string Label, byte[] Der) Decode(string pem)
    {
        const string Begin = "-----BEGIN ";
        const string Dashes = "-----";
        var lines = pem.Split('\n').Select(l => l.Trim()).SkipWhile(l => !l.StartsWith(Begin, StringComparison.Ordinal)).ToList();
        if (lines is not [var first, ..] || !first.EndsWith(Dashes, StringComparison.Ordinal) || first.Length <= Begin.Length + Dashes.Length)
        {
            throw new CryptographicException("it is no PEM");
        }

        var label = first[Begin.Length..^Dashes.Length];
        var body = lines.Skip(1).TakeWhile(l => !l.StartsWith(Dashes, StringComparison.Ordinal)).Where(l => !l.Contains(':', StringComparison.Ordinal));
        try
        {
            return (label, Convert.FromBase64String(string.Concat(body)));
        }
        catch (FormatException e)
        {
            throw new CryptographicException("its content is not base64", e);
        }
    }

    private static DctSigningKey? Ecdsa(Action<ECDsa> import)
    {
        var key = ECDsa.Create();
        return Imports(key, import) ? new DctSigningKey(key, null) : null;
    }

    private static DctSigningKey? Rsa(Action<RSA> import)
    {
        var key = RSA.Create();
        return Imports(key, import) ? new DctSigningKey(null, key) : null;
    }

    private static bool Imports<T>(T key, Action<T> import)
        where T : AsymmetricAlgorithm
    {
        try
        {
            import(key);
            return true;
        }
        catch (CryptographicException)
        {
            key.Dispose();
            return false;
        }
    }
}
