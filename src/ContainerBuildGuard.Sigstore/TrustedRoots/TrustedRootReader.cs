using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Reads trusted roots. Members that it does not know are left alone: the format grows, and its authors are who is trusted.</summary>
internal static class TrustedRootReader
{
    private const int MaxItems = 256;

    public static TrustedRoot Read(ReadOnlyMemory<byte> json)
    {
        using var document = ProtoMessage.Parse(json, TrustedRoot.MaxBytes, "the trusted root");
        var root = ProtoMessage.Root(document);
        return Read(ClientTrustConfig.IsMediaType(root.Text("mediaType")) ? root.Required("trustedRoot") : root);
    }

    public static TrustedRoot Read(ProtoMessage root)
    {
        if (root.Text("mediaType") is not ("application/vnd.dev.sigstore.trustedroot+json;version=0.1" or "application/vnd.dev.sigstore.trustedroot+json;version=0.2"
            or "application/vnd.dev.sigstore.trustedroot.v0.1+json" or "application/vnd.dev.sigstore.trustedroot.v0.2+json"))
        {
            throw new SigstoreException(SigstoreError.Unsupported, $"the trusted root's media type '{root.Text("mediaType")}' is neither version 0.1 nor 0.2");
        }

        return new TrustedRoot
        {
            TransparencyLogs = [.. Items(root, "tlogs").Select(Log)],
            CertificateLogs = [.. Items(root, "ctlogs").Select(Log)],
            CertificateAuthorities = [.. Items(root, "certificateAuthorities").Select(Authority)],
            TimestampAuthorities = [.. Items(root, "timestampAuthorities").Select(Authority)],
        };
    }

    private static IReadOnlyList<ProtoMessage> Items(ProtoMessage root, string field) => root.Messages(field) switch
    {
        { Count: <= MaxItems } items => items,
        var items => throw ProtoMessage.Malformed($"{field} has {items.Count} entries, over the limit of {MaxItems}"),
    };

    private static TransparencyLog Log(ProtoMessage log)
    {
        var key = log.Required("publicKey");
        return new TransparencyLog(
            log.Text("baseUrl") ?? "",
            log.Required("logId").RequiredBytes("keyId"),
            log.Message("checkpointKeyId")?.RequiredBytes("keyId"),
            Key(key.RequiredBytes("rawBytes"), key.EnumName("keyDetails")),
            Period(key.Required("validFor")));
    }

    private static VerificationKey? Key(byte[] bytes, string? details)
    {
        try
        {
            return details?.StartsWith("PKCS1_RSA_", StringComparison.Ordinal) == true
                ? VerificationKey.FromPkcs1(bytes, details.Contains("PSS", StringComparison.Ordinal))
                : VerificationKey.FromSubjectPublicKeyInfo(bytes, SignatureAlgorithm.SchemeOf(details));
        }
        catch (SigstoreException e) when (e.Error == SigstoreError.Unsupported)
        {
            return null;
        }
    }

    private static CertificateAuthority Authority(ProtoMessage authority)
    {
        var certificates = authority.Required("certChain").Messages("certificates");
        return certificates.Count is > 0 and <= 10
            ? new CertificateAuthority(authority.Text("uri") ?? "", [.. certificates.Select(c => Certificate(c.RequiredBytes("rawBytes")))], Period(authority.Required("validFor")))
            : throw ProtoMessage.Malformed($"an authority of the trusted root has {certificates.Count} certificates");
    }

    private static X509Certificate2 Certificate(byte[] der)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(der);
        }
        catch (CryptographicException e)
        {
            throw new SigstoreException(SigstoreError.Malformed, "a certificate of the trusted root cannot be read", e);
        }
    }

    private static ValidityPeriod Period(ProtoMessage period) =>
        new(period.Time("start") ?? throw ProtoMessage.Malformed("a validFor of the trusted root has no start"), period.Time("end"));
}
