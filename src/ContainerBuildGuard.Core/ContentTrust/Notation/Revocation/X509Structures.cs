using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>An extension of a certificate, list or answer.</summary>
internal sealed record X509Value(string Oid, bool Critical, ReadOnlyMemory<byte> Value);

/// <summary>Structures that certificates, revocation lists and OCSP answers share (RFC 5280).</summary>
internal static class X509Structures
{
    public const string InvalidityDate = "2.5.29.24";

    /// <summary>Where a list has its latest changes (RFC 5280, sections 4.2.1.15 and 5.2.6).</summary>
    public const string FreshestList = "2.5.29.46";

    private const string DistributionPoints = "2.5.29.31";
    private static readonly Asn1Tag Context0 = new(TagClass.ContextSpecific, 0);
    private static readonly Asn1Tag UriName = new(TagClass.ContextSpecific, 6);

    /// <summary>How far two clocks may be apart.</summary>
    public static TimeSpan Skew { get; } = TimeSpan.FromMinutes(5);

    public static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(new Asn1Tag(UniversalTagNumber.UtcTime)) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    public static List<X509Value> ReadExtensions(AsnReader sequence)
    {
        var found = new List<X509Value>();
        while (sequence.HasData)
        {
            var extension = sequence.ReadSequence();
            var oid = extension.ReadObjectIdentifier();
            var critical = extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean();
            found.Add(new X509Value(oid, critical, extension.ReadOctetString()));
            extension.ThrowIfNotEmpty();
        }

        return found.DistinctBy(f => f.Oid).Count() == found.Count ? found : throw new AsnContentException("An extension stands twice.");
    }

    /// <summary>The addresses of the OCSP responders that a certificate names; only http and https count.</summary>
    public static IReadOnlyList<Uri> OcspAddresses(X509Certificate2 certificate) =>
        [.. certificate.Extensions.OfType<X509AuthorityInformationAccessExtension>().SelectMany(e => e.EnumerateOcspUris()).Select(Web).OfType<Uri>()];

    /// <summary>Whether a certificate names any place to ask, also one that cannot be asked.</summary>
    public static bool NamesAnyPlace(X509Certificate2 certificate) =>
        certificate.Extensions.OfType<X509AuthorityInformationAccessExtension>().Any(e => e.EnumerateOcspUris().Any()) || certificate.Extensions.Any(e => e.Oid?.Value == DistributionPoints);

    /// <summary>The addresses of the revocation lists that a certificate names.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    public static IReadOnlyList<Uri> ListAddresses(X509Certificate2 certificate) => PointsOf(certificate, DistributionPoints) ?? [];

    /// <summary>The addresses of the lists of changes that a certificate names; null where it does not name any.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    public static IReadOnlyList<Uri>? ChangesAddresses(X509Certificate2 certificate) => PointsOf(certificate, FreshestList);

    /// <summary>The addresses of distribution points. Points for some reasons only, or with lists of other issuers, are left out.</summary>
    /// <exception cref="AsnContentException">Not DER.</exception>
    public static IReadOnlyList<Uri> PointAddresses(ReadOnlyMemory<byte> der)
    {
        var found = new List<Uri>();
        var points = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        while (points.HasData)
        {
            var point = points.ReadSequence();
            if (point.HasData && point.PeekTag().HasSameClassAndValue(Context0))
            {
                var names = UrisOf(point.ReadSequence(Context0));
                found.AddRange(point.HasData ? [] : names);
            }
        }

        return found;
    }

    private static IReadOnlyList<Uri>? PointsOf(X509Certificate2 certificate, string oid) =>
        certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == oid) is { } extension ? PointAddresses(extension.RawData) : null;

    /// <summary>The web addresses of a DistributionPointName.</summary>
    public static IReadOnlyList<Uri> UrisOf(AsnReader pointName)
    {
        var found = new List<Uri>();
        if (pointName.HasData && pointName.PeekTag().HasSameClassAndValue(Context0))
        {
            var names = pointName.ReadSequence(Context0);
            while (names.HasData)
            {
                if (!names.PeekTag().HasSameClassAndValue(UriName))
                {
                    _ = names.ReadEncodedValue();
                }
                else if (Web(names.ReadCharacterString(UniversalTagNumber.IA5String, UriName)) is { } uri)
                {
                    found.Add(uri);
                }
            }
        }

        return found;
    }

    private static Uri? Web(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 ? uri : null;
}
