using System.Security.Cryptography;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Microsoft's signing of .NET images: what does not change from release to release.</summary>
internal static class MicrosoftTrust
{
    /// <summary>Microsoft Supply Chain RSA Root CA 2022.</summary>
    public const string SigningRoot = "23ffe2b8bdb9a1711515d4cffda04bc7f793d513c76c243f1020507d8669b7db";

    /// <summary>Microsoft Root Certificate Authority 2010.</summary>
    public const string TimestampRoot = "df545bf919a2439c36983b54cdfc903dfa4f37d3996d8d84b4c31eec6f3c163e";

    private const string Subject = "x509.subject: CN=Microsoft SCD Products RSA Signing, O=Microsoft Corporation, L=Redmond, S=Washington, C=US";
    private static readonly string[] Repositories = ["aspire-dashboard", "aspnet", "monitor", "monitor/base", "runtime", "runtime-deps", "sdk"];
    private static readonly StoreName Signing = new(StoreType.Ca, "microsoft-supply-chain");
    private static readonly StoreName Timestamping = new(StoreType.Tsa, "microsoft-timestamping");

    public static NotationTrust Open(string timestampRootsFile, NotationOptions options) =>
        Open(timestampRootsFile, new TrustAnchors([SigningRoot], []), TimestampRoot, options);

    /// <summary>The same rules over other roots, as tests need it.</summary>
    internal static NotationTrust Open(string timestampRootsFile, TrustAnchors signing, string timestampRoot, NotationOptions options)
    {
        var statement = new TrustPolicyStatement
        {
            Name = "microsoft-dotnet",
            Scopes = [.. Repositories.Select(r => $"mcr.microsoft.com/dotnet/{r}")],
            Stores = [Signing, Timestamping],
            Identities = [X509Identity.Parse(Subject)],
        };
        var timestamping = ReadRoot(timestampRootsFile, timestampRoot);
        return new NotationTrust(new TrustPolicyDocument([statement]), store => store == Signing ? signing : timestamping, "the trust policy for mcr.microsoft.com/dotnet that ships with the guard", options);
    }

    private static TrustAnchors ReadRoot(string file, string fingerprint)
    {
        try
        {
            return TrustStore.ReadCertificates(File.ReadAllBytes(file)).FirstOrDefault(c => TrustAnchors.Fingerprint(c) == fingerprint) is { } root
                ? TrustAnchors.Of([root])
                : throw new CryptographicException($"it lacks the certificate with the SHA-256 fingerprint {fingerprint}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new GuardException(ContentTrustRules.TrustUnavailable.Code, GuardFailure.Input, $"The timestamp roots '{file}' cannot be used ({e.Message.TrimEnd('.')}): name trustedroots/timestampctl.pem of the .NET SDK.", e);
        }
    }
}
