using System.CommandLine;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.ContentTrust.Notation;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Tool.Pkcs11;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary>The options of Notary Project signatures, by the names that the notation program gives them where it has them.</summary>
internal static class NotationSettings
{
    public static Option<bool> Notation { get; } = new("--notation") { Description = "A signature of the Notary Project." };

    public static Option<string?> SignatureFormat { get; } = new("--signature-format") { Description = "The envelope of a Notary Project signature: jws (default) or cose.", HelpName = "jws|cose" };

    public static Option<string?> CertificateChain { get; } = new("--certificate-chain") { Description = "The key's certificate and its chain up to the root (PEM); those of the key's own file by default.", HelpName = "FILE" };

    public static Option<string?> TimestampUrl { get; } = new("--timestamp-url") { Description = "A timestamp authority (RFC 3161) that countersigns.", HelpName = "URL" };

    public static Option<string?> TimestampRoot { get; } = new("--timestamp-root-cert") { Description = "The root certificate of the timestamp authority.", HelpName = "FILE" };

    public static Option<string?> Expiry { get; } = new("--expiry") { Description = "After how long the signature expires: 24h, 1h30m.", HelpName = "DURATION" };

    public static Option<string?> TrustPolicy { get; } = new("--notation-trust-policy") { Description = "A trust policy; the one of the user's notation folder by default.", HelpName = "FILE" };

    public static Option<string?> TrustStore { get; } = new("--notation-trust-store") { Description = "The trust store folder, which holds x509; the one of the user's notation folder by default.", HelpName = "DIR" };

    public static Option<string?> Revocation { get; } = new("--notation-revocation") { Description = "How revocation is checked: online (default), cached (by kept answers alone, as with --offline) or off.", HelpName = "online|cached|off" };

    private static readonly Option[] Signing = [SignatureFormat, CertificateChain, TimestampUrl, TimestampRoot, Expiry];
    private static readonly Option[] Verifying = [TrustPolicy, TrustStore, Revocation];

    public static void AddForSigning(this Command command) => Add(command, [Notation, .. Signing]);

    public static void AddForVerifying(this Command command) => Add(command, [Notation, .. Verifying]);

    /// <summary>Whether a Notary Project signature is meant; an option of such that stands without it would do nothing.</summary>
    public static bool MeansNotation(this ParseResult parsed)
    {
        if (parsed.GetValue(Notation))
        {
            return true;
        }

        return Signing.Concat(Verifying).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } lost
            ? throw new GuardException("CBG9009", GuardFailure.Input, $"{lost.Name} is for signatures of the Notary Project: add --notation.")
            : false;
    }

    public static Task<NotationSigning> OpenNotationSigningAsync(this ParseResult parsed, CancellationToken cancellationToken) => NotationSigning.OpenAsync(
        new NotationSigningOptions
        {
            Key = parsed.GetValue(SigningSettings.PrivateKey) ?? throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, "A signature of the Notary Project needs a key with a certificate: name it with --key."),
            OpenToken = TokenSigner.OpenAsync,
            CertificateChainFile = parsed.GetValue(CertificateChain),
            Format = parsed.GetValue(SignatureFormat) ?? "jws",
            TimestampAuthority = parsed.GetValue(TimestampUrl) is { } url ? NotationSigningTexts.Address(url, TimestampUrl.Name) : null,
            TimestampRootFile = parsed.GetValue(TimestampRoot),
            Expiry = parsed.GetValue(Expiry) is { } expiry ? NotationSigningTexts.Duration(expiry, Expiry.Name) : null,
        },
        cancellationToken);

    public static NotationOptions NotationOptions(this ParseResult parsed, bool offline) => new()
    {
        Revocation = parsed.GetValue(Revocation) switch
        {
            null => offline ? RevocationMode.Cached : RevocationMode.Online,
            "online" when offline => throw new GuardException("CBG9009", GuardFailure.Input, "--offline and --notation-revocation online exclude each other."),
            "online" => RevocationMode.Online,
            "cached" => RevocationMode.Cached,
            "off" => RevocationMode.Off,
            var other => throw new GuardException("CBG9009", GuardFailure.Input, $"--notation-revocation is '{other}': use online, cached or off."),
        },
    };

    public static NotationTrust OpenNotationTrust(this ParseResult parsed, bool offline) => (parsed.GetValue(TrustPolicy), parsed.GetValue(TrustStore)) switch
    {
        (null, null) => NotationTrust.OpenUsers(parsed.NotationOptions(offline)),
        ({ } policy, { } store) => NotationTrust.Open(policy, store, parsed.NotationOptions(offline)),
        ({ } policy, null) => NotationTrust.Open(policy, Path.Combine(NotationTrust.UserFolder, "trust-store"), parsed.NotationOptions(offline)),
        _ => throw new GuardException("CBG9009", GuardFailure.Input, "--notation-trust-store needs --notation-trust-policy beside it: a store says nothing about who may sign what."),
    };

    private static void Add(Command command, Option[] options)
    {
        foreach (var option in options)
        {
            command.Add(option);
        }
    }
}
