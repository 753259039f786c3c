using System.Formats.Asn1;
using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The algorithm identifiers of timestamp tokens.</summary>
internal static class CmsAlgorithms
{
    private const string RsaPss = "1.2.840.113549.1.1.10";

    /// <summary>The identifier; parameters must be absent or NULL, except those of RSA-PSS.</summary>
    public static string Read(AsnReader algorithm)
    {
        var oid = algorithm.ReadObjectIdentifier();
        if (algorithm.HasData)
        {
            if (oid == RsaPss)
            {
                _ = algorithm.ReadSequence();
            }
            else
            {
                algorithm.ReadNull();
            }
        }

        algorithm.ThrowIfNotEmpty();
        return oid;
    }

    public static HashAlgorithmName Hash(string oid) => oid switch
    {
        "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256,
        "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
        "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
        _ => throw new SigstoreException(SigstoreError.Unsupported, $"the timestamp's hash algorithm {oid} is not SHA-256, SHA-384 or SHA-512"),
    };

    public static SignatureScheme Scheme(string oid) => oid switch
    {
        "1.2.840.10045.4.3.2" or "1.2.840.10045.4.3.3" or "1.2.840.10045.4.3.4" or "1.2.840.10045.2.1" => SignatureScheme.Ecdsa,
        "1.2.840.113549.1.1.1" or "1.2.840.113549.1.1.11" or "1.2.840.113549.1.1.12" or "1.2.840.113549.1.1.13" => SignatureScheme.RsaPkcs1,
        RsaPss => SignatureScheme.RsaPss,
        "1.3.101.112" => SignatureScheme.Ed25519,
        _ => throw new SigstoreException(SigstoreError.Unsupported, $"the timestamp's signature algorithm {oid} is not known"),
    };

    /// <summary>The hash that the signature algorithm names itself; null where the signer's digest algorithm decides.</summary>
    public static HashAlgorithmName? SignatureHash(string oid) => oid switch
    {
        "1.2.840.10045.4.3.2" or "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256,
        "1.2.840.10045.4.3.3" or "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
        "1.2.840.10045.4.3.4" or "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
        _ => null,
    };

    /// <summary>The hash of an RSA-PSS algorithm identifier whose hashes are equal and whose salt is as long as they are; null where it is anything else.</summary>
    public static HashAlgorithmName? PssHash(ReadOnlyMemory<byte> algorithmIdentifier)
    {
        const string Mgf1 = "1.2.840.113549.1.1.8";
        var algorithm = new AsnReader(algorithmIdentifier, AsnEncodingRules.DER).ReadSequence();
        if (algorithm.ReadObjectIdentifier() != RsaPss || !algorithm.HasData)
        {
            return null;
        }

        // The defaults are SHA-1's, so each of the three is there where it can be accepted (RFC 4055, section 3.1).
        var parameters = algorithm.ReadSequence();
        var hash = Hash(Read(parameters.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadSequence()));
        var mask = parameters.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 1)).ReadSequence();
        var salt = mask.ReadObjectIdentifier() == Mgf1 && Hash(Read(mask.ReadSequence())) == hash
            ? parameters.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 2)).ReadInteger()
            : -1;
        return salt == int.Parse(hash.Name!.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture) / 8 ? hash : null;
    }
}
