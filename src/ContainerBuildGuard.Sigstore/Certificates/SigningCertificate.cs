using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A signing certificate's contents. Nothing here is trusted before the certificate's chain is verified.</summary>
public sealed class SigningCertificate
{
    private const string FulcioArc = "1.3.6.1.4.1.57264.1.";
    private const string SubjectAlternativeName = "2.5.29.17";
    private readonly Dictionary<string, byte[]> _extensions;

    private SigningCertificate(X509Certificate2 certificate)
    {
        Certificate = certificate;
        _extensions = certificate.Extensions.GroupBy(e => e.Oid!.Value!).ToDictionary(g => g.Key, g => g.Count() == 1
            ? g.First().RawData
            : throw new SigstoreException(SigstoreError.Malformed, $"the certificate has the extension {g.Key} twice"));
        Subjects = _extensions.TryGetValue(SubjectAlternativeName, out var names) ? ReadNames(names) : [];
        Key = VerificationKey.FromSubjectPublicKeyInfo(Der.KeyOf(certificate.RawDataMemory).Span);
    }

    /// <summary>The certificate.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The certificate's key.</summary>
    public VerificationKey Key { get; }

    /// <summary>The subject alternative names: URIs, e-mail addresses and Fulcio's other names.</summary>
    public ImmutableArray<string> Subjects { get; }

    /// <summary>The OpenID Connect issuer: the newer extension, else the older one; null where there is none.</summary>
    public string? Issuer => Claim(FulcioClaim.Issuer) ?? Legacy(1);

    /// <summary>Reads a certificate in DER.</summary>
    /// <exception cref="SigstoreException">It is not one, or has a key that this client does not know.</exception>
    public static SigningCertificate Parse(ReadOnlySpan<byte> der)
    {
        try
        {
            return new SigningCertificate(X509CertificateLoader.LoadCertificate(der));
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            throw new SigstoreException(SigstoreError.Malformed, "the signing certificate cannot be read", e);
        }
    }

    /// <summary>A claim's value; null where the certificate does not make it. Falls back to the older extensions of GitHub's certificates where they say the same.</summary>
    public string? Claim(FulcioClaim claim) =>
        _extensions.TryGetValue($"{FulcioArc}{((int)claim).ToString(CultureInfo.InvariantCulture)}", out var value)
            ? Der.Utf8String(value)
            : claim switch
            {
                FulcioClaim.BuildTrigger => Legacy(2),
                FulcioClaim.SourceRepositoryDigest => Legacy(3),
                FulcioClaim.SourceRepositoryUri => Legacy(5) is { } repository ? $"https://github.com/{repository}" : null,
                FulcioClaim.SourceRepositoryRef => Legacy(6),
                _ => null,
            };

    /// <summary>The workflow's name (GitHub's older extension 1.4); null where the certificate does not say it.</summary>
    public string? WorkflowName => Legacy(4);

    /// <summary>The older extensions hold the text itself, not a DER string.</summary>
    private string? Legacy(int arc) =>
        _extensions.TryGetValue(FulcioArc + arc.ToString(CultureInfo.InvariantCulture), out var value) ? Encoding.UTF8.GetString(value) : null;

    private static ImmutableArray<string> ReadNames(byte[] extension)
    {
        var names = ImmutableArray.CreateBuilder<string>();
        var reader = new AsnReader(extension, AsnEncodingRules.DER);
        var sequence = reader.ReadSequence();
        reader.ThrowIfNotEmpty();
        while (sequence.HasData)
        {
            var tag = sequence.PeekTag();
            switch (tag)
            {
                case { TagClass: TagClass.ContextSpecific, TagValue: 1 or 6 }:
                    names.Add(sequence.ReadCharacterString(UniversalTagNumber.IA5String, tag));
                    break;
                case { TagClass: TagClass.ContextSpecific, TagValue: 0 }:
                    var other = sequence.ReadSequence(tag);
                    if (other.ReadObjectIdentifier() == FulcioArc + "7")
                    {
                        names.Add(other.ReadSequence(new Asn1Tag(TagClass.ContextSpecific, 0)).ReadCharacterString(UniversalTagNumber.UTF8String));
                    }

                    break;
                default:
                    _ = sequence.ReadEncodedValue();
                    break;
            }
        }

        return names.ToImmutable();
    }
}
