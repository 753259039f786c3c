using System.Collections.Immutable;
using System.CommandLine;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.ContentTrust.Notation;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary>Whom to trust, as options or the policy say it, and the verification by it.</summary>
internal static class VerificationSettings
{
    private static readonly Option<string[]> Key = new("--key") { Description = "A public key that must have signed: a file, env://NAME or a key service. Given more than once, any of them.", HelpName = "KEY" };
    private static readonly Option<string?> Identity = new("--certificate-identity") { Description = "The identity that must have signed.", HelpName = "ID" };
    private static readonly Option<string?> IdentityPattern = new("--certificate-identity-regexp") { Description = "The same as a regular expression of the whole identity.", HelpName = "REGEX" };
    private static readonly Option<string?> Issuer = new("--certificate-oidc-issuer") { Description = "Who vouched for the identity.", HelpName = "URL" };
    private static readonly Option<string?> IssuerPattern = new("--certificate-oidc-issuer-regexp") { Description = "The same as a regular expression.", HelpName = "REGEX" };
    private static readonly Option<bool> Recursive = new("--recursive") { Description = "Every platform of an index must be signed too." };
    private static readonly Option<string[]> Attestation = new("--attestation") { Description = $"An attestation that must be there: {string.Join(", ", RequiredAttestation.TypeNames)} or a predicate type's URI.", HelpName = "TYPE" };
    private static readonly Option<string> Formats = new("--signature-formats") { Description = "The formats that count.", DefaultValueFactory = _ => "bundle;legacy" };
    private static readonly Option<bool?> Dct = new("--dct") { Description = "Docker Content Trust must sign the tag for the image's digest. On by DOCKER_CONTENT_TRUST=1 too; --dct=false switches that off.", Arity = ArgumentArity.ZeroOrOne, HelpName = "true|false" };

    public static Option<string?> Bundle { get; } = new("--bundle") { Description = "A bundle in a file, for an image that is in no registry (archive, layout, engine).", HelpName = "FILE" };

    public static void AddTrust(this Command command)
    {
        foreach (var option in (Option[])[Key, Identity, IdentityPattern, Issuer, IssuerPattern, Recursive, Attestation, SigningSettings.TrustedRoot, SharedOptions.Offline, Formats, Bundle, Dct, DctSettings.Server, DctSettings.Signer, DctSettings.RootKey])
        {
            command.Add(option);
        }

        command.AddForVerifying();
    }

    public static string Repository(ImageReference reference) => $"{reference.Registry}/{reference.Repository}";

    /// <summary>What no rule of the policy covers is refused, not left out.</summary>
    public static string NotCovered(string name) => $"No trust rule of the policy covers {name}: add one, or name a key or an identity.";

    /// <summary>What the options or the policy ask for; null where the policy has rules and none covers the image.</summary>
    public static async Task<(ImageVerification Verification, string Note)?> VerifyAsync(this ParseResult parsed, string image, string name, CancellationToken cancellationToken)
    {
        if (parsed.MeansNotation())
        {
            return await NotationAsync(parsed, image, cancellationToken);
        }

        if (Rule(parsed, image, name) is not { } rule)
        {
            return null;
        }

        if (parsed.GetValue(Bundle) is { } bundle)
        {
            var signers = await TrustedSigners.OpenAsync(rule.Signers, parsed.GetValue(SigningSettings.TrustedRoot), parsed.GetValue(SharedOptions.Offline), cancellationToken);
            await using var set = await ImageSource.OpenAsync(image, parsed.LoadPolicy().SourceOptions(), cancellationToken);
            return (await DetachedSignature.VerifyAsync(set, bundle, rule, signers, cancellationToken), signers.Note);
        }

        using var client = new RegistryClient(parsed.LoadPolicy().RegistryOptions());
        return await TrustRuleVerifier.VerifyAsync(client, ImageReference.Parse(image), rule, parsed.GetValue(SigningSettings.TrustedRoot), parsed.Formats(Formats), parsed.GetValue(SharedOptions.Offline), cancellationToken);
    }

    private static async Task<(ImageVerification Verification, string Note)?> NotationAsync(ParseResult parsed, string image, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Bundle) is not null || !Signers(parsed).IsEmpty || parsed.GetValue(Attestation) is { Length: > 0 })
        {
            throw new GuardException("CBG9009", GuardFailure.Input, "--notation stands alone, or beside --dct: its trust policy says who may sign, and it has no bundles and attestations.");
        }

        var contentTrust = ContentTrust(parsed, null, IsByDigest(image));

        using var trust = parsed.OpenNotationTrust(parsed.GetValue(SharedOptions.Offline));
        using var client = new RegistryClient(parsed.LoadPolicy().RegistryOptions());
        var verification = await TrustRuleVerifier.WithContentTrustAsync(client, ImageReference.Parse(image), contentTrust, reference => NotationVerifier.VerifyAsync(client, reference, trust, parsed.GetValue(Recursive), cancellationToken), cancellationToken);
        return (verification, $"trust of {trust.Name}");
    }

    /// <summary>The rule that the options make, else the policy's for this repository; null where the policy has rules and none covers it.</summary>
    private static TrustRule? Rule(ParseResult parsed, string image, string repository)
    {
        var byDigest = parsed.GetValue(Bundle) is null && IsByDigest(image);
        var signers = Signers(parsed);
        var attestations = (parsed.GetValue(Attestation) ?? []).Select(t => PredicateTypes.Find(t).IsEmpty
            ? throw new GuardException("CBG9009", GuardFailure.Input, $"'{t}' is no type of attestation: use one of {string.Join(", ", RequiredAttestation.TypeNames)}, or a predicate type's URI.")
            : new RequiredAttestation { Type = t }).ToImmutableArray();
        if (!signers.IsEmpty || parsed.GetValue(Dct) == true)
        {
            return new TrustRule { Signers = signers, EveryPlatform = parsed.GetValue(Recursive), Attestations = attestations, Dct = ContentTrust(parsed, null, byDigest) };
        }

        var policy = parsed.LoadPolicy();
        if (policy.Trust.IsEmpty)
        {
            return ContentTrust(parsed, null, byDigest: false) is { } dct && attestations.IsEmpty
                ? new TrustRule { Signers = [], Dct = dct }
                : throw new GuardException("CBG9009", GuardFailure.Input, "It is not said whom to trust: name a key (--key), an identity (--certificate-identity and --certificate-oidc-issuer) or --dct, or give the policy trust rules.");
        }

        return policy.Trust.FirstOrDefault(r => r.Covers(repository)) is { } rule
            ? rule with { EveryPlatform = rule.EveryPlatform || parsed.GetValue(Recursive), Attestations = [.. rule.Attestations, .. attestations], Dct = ContentTrust(parsed, rule.Dct, byDigest) }
            : null;
    }

    /// <summary>Whether the reference has a digest, which nobody can move.</summary>
    private static bool IsByDigest(string image) => ImageReference.Parse(image).Digest is not null;

    /// <summary>
    /// Docker Content Trust, where the option, the environment or the policy's rule asks for it. Like the docker client's, the environment's is for images in registries alone, and
    /// asks nothing of a digest beside what else vouches for it.
    /// </summary>
    private static DctTrust? ContentTrust(ParseResult parsed, DctTrust? ofRule, bool byDigest)
    {
        var environment = parsed.GetValue(Dct) is null && parsed.GetValue(Bundle) is null && !byDigest ? DctEnvironment.Read(Environment.GetEnvironmentVariable) : null;
        if ((ofRule ?? (parsed.GetValue(Dct) == true ? new DctTrust() : environment)) is { } trust)
        {
            return DctSettings.Trust(parsed, trust) with { Offline = parsed.GetValue(SharedOptions.Offline) };
        }

        DctSettings.RefuseAlone(parsed);
        return null;
    }

    private static ImmutableArray<TrustedSigner> Signers(ParseResult parsed)
    {
        var (identity, issuer) = (Either(parsed, Identity, IdentityPattern), Either(parsed, Issuer, IssuerPattern));
        if ((identity is null) != (issuer is null))
        {
            throw new GuardException("CBG9009", GuardFailure.Input, "An identity needs both --certificate-identity and --certificate-oidc-issuer: anybody's issuer could vouch for the same name.");
        }

        var keys = (parsed.GetValue(Key) ?? []).Select(k => new TrustedSigner { Key = k });
        return identity is { } who && issuer is { } by ? [.. keys, new TrustedSigner { Identity = who, Issuer = by }] : [.. keys];
    }

    private static (string Text, bool IsPattern)? Either(ParseResult parsed, Option<string?> exact, Option<string?> pattern) => (parsed.GetValue(exact), parsed.GetValue(pattern)) switch
    {
        (null, null) => null,
        ({ } text, null) => (text, false),
        (null, { } text) => (text, true),
        _ => throw new GuardException("CBG9009", GuardFailure.Input, $"{exact.Name} and {pattern.Name} exclude each other."),
    };
}
