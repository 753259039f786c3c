using System.Formats.Asn1;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.Tool.Pkcs11;

/// <summary>The public half of a key on a token, from the attributes of the two objects.</summary>
internal static class TokenPublicKey
{
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string Ed25519 = "1.3.101.112";

    /// <exception cref="KeyException">The key is of another kind, or the token does not say what its public half is.</exception>
    public static VerificationKey Read(TokenSession session, CULong key, Pkcs11Uri uri)
    {
        // The pair has one identifier; where a key has none, its label must do.
        var id = session.Attribute(key, Cryptoki.IdAttribute) is { Length: > 0 } named ? named : null;
        var publicKey = session.Find(Cryptoki.PublicKeyObject, id is null ? uri.ObjectLabel : null, id) is [var one] ? one : key;
        try
        {
            return VerificationKey.FromSubjectPublicKeyInfo(session.Number(key, Cryptoki.KeyTypeAttribute) switch
            {
                Cryptoki.EcKey => Ec(Needed(session, publicKey, Cryptoki.EcParametersAttribute, uri), Needed(session, publicKey, Cryptoki.EcPointAttribute, uri)),
                Cryptoki.RsaKey => Rsa(Needed(session, publicKey, Cryptoki.ModulusAttribute, uri), Needed(session, publicKey, Cryptoki.PublicExponentAttribute, uri)),
                Cryptoki.EdwardsKey => Edwards(Needed(session, publicKey, Cryptoki.EcParametersAttribute, uri), Needed(session, publicKey, Cryptoki.EcPointAttribute, uri), uri),
                var other => throw new KeyException($"The key '{uri.Name}' is of the kind {other}: use an EC, RSA or Ed25519 key."),
            });
        }
        catch (SigstoreException e)
        {
            throw new KeyException($"The key '{uri.Name}' cannot be used: {e.Message}.", e);
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException)
        {
            throw new KeyException($"What the token says of the public half of the key '{uri.Name}' cannot be read.", e);
        }
    }

    private static byte[] Needed(TokenSession session, CULong key, uint attribute, Pkcs11Uri uri) =>
        session.Attribute(key, attribute) is { Length: > 0 } value ? value : throw new KeyException($"The token does not say what the public half of the key '{uri.Name}' is: put its public key object beside it, under the same identifier.");

    private static byte[] Ec(byte[] parameters, byte[] point)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(EcPublicKey);
                writer.WriteEncodedValue(parameters);
            }

            // An OCTET STRING by the specification; some tokens give what would be in it, which has these lengths on the three curves.
            writer.WriteBitString(point.Length is 65 or 97 or 133 ? point : AsnDecoder.ReadOctetString(point, AsnEncodingRules.DER, out _));
        }

        return writer.Encode();
    }

    private static byte[] Edwards(byte[] parameters, byte[] point, Pkcs11Uri uri)
    {
        // The curve by its name or its number (PKCS #11 3.0, section 2.3.5): both are in use.
        var curve = new AsnReader(parameters, AsnEncodingRules.DER);
        if (!(curve.PeekTag().HasSameClassAndValue(Asn1Tag.ObjectIdentifier) ? curve.ReadObjectIdentifier() == Ed25519 : curve.ReadCharacterString(UniversalTagNumber.PrintableString) == "edwards25519"))
        {
            throw new KeyException($"The key '{uri.Name}' is on another Edwards curve than edwards25519: use an EC, RSA or Ed25519 key.");
        }

        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(Ed25519);
            }

            writer.WriteBitString(point.Length == 32 ? point : AsnDecoder.ReadOctetString(point, AsnEncodingRules.DER, out _));
        }

        return writer.Encode();
    }

    private static byte[] Rsa(byte[] modulus, byte[] exponent)
    {
        using var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = exponent });
        return rsa.ExportSubjectPublicKeyInfo();
    }
}
