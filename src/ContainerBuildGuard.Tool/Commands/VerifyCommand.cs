using System.Collections.Immutable;
using System.CommandLine;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg verify</c></summary>
internal static class VerifyCommand
{
    private static readonly Option<string[]> Key = new("--key") { Description = "A public key that must have signed: a file, env://NAME or a key service. Given more than once, any of them.", HelpName = "KEY" };
    private static readonly Option<string?> Identity = new("--certificate-identity") { Description = "The identity that must have signed.", HelpName = "ID" };
    private static readonly Option<string?> IdentityPattern = new("--certificate-identity-regexp") { Description = "The same as a regular expression of the whole identity.", HelpName = "REGEX" };
    private static readonly Option<string?> Issuer = new("--certificate-oidc-issuer") { Description = "Who vouched for the identity.", HelpName = "URL" };
    private static readonly Option<string?> IssuerPattern = new("--certificate-oidc-issuer-regexp") { Description = "The same as a regular expression.", HelpName = "REGEX" };
    private static readonly Option<bool> Recursive = new("--recursive") { Description = "Every platform of an index must be signed too." };
    private static readonly Option<string[]> Attestation = new("--attestation") { Description = $"An attestation that must be there: {string.Join(", ", RequiredAttestation.TypeNames)} or a predicate type's URI.", HelpName = "TYPE" };
    private static readonly Option<bool> Offline = new("--offline") { Description = "Take the trust that is on this machine; only the registry is asked." };
    private static readonly Option<string> Formats = new("--signature-formats") { Description = "The formats that count.", DefaultValueFactory = _ => "bundle;legacy" };
    private static readonly Option<string?> Bundle = new("--bundle") { Description = "A bundle in a file, for an image that is in no registry (archive, layout, engine).", HelpName = "FILE" };
    private static readonly Option<bool?> Dct = new("--dct") { Description = "Docker Content Trust must sign the tag for the image's digest. On by DOCKER_CONTENT_TRUST=1 too; --dct=false switches that off.", Arity = ArgumentArity.ZeroOrOne, HelpName = "true|false" };
    private static readonly Option<string> OutputFormat = SharedOptions.Format("table", "json");

    public static Command Create()
    {
        var command = new TeachingCommand(
            "verify",
            "Verify that an image is signed by whom the policy or the options trust. Prints the digest that was verified: use the image by that digest.",
            "cbg verify registry.example.com/app:1.0 --key cbg.pub",
            "cbg verify registry.example.com/app:1.0 --certificate-identity https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main --certificate-oidc-issuer https://token.actions.githubusercontent.com",
            "cbg verify registry.example.com/app:1.0 --policy containerbuildguard.yaml --format json",
            "cbg verify registry.example.com/app:1.0 --dct --dct-server https://notary.example.com",
            "cbg verify app.tar --bundle app.tar.sigstore.json --key cbg.pub")
        {
            SigningSettings.Image, Key, Identity, IdentityPattern, Issuer, IssuerPattern, Recursive, Attestation, SigningSettings.TrustedRoot, Offline, Formats, Bundle, Dct, DctSettings.Server, DctSettings.Signer, DctSettings.RootKey, SharedOptions.Policy, OutputFormat, SharedOptions.Output,
        };
        command.SetAction((parsed, cancellationToken) => SigningSettings.GuardedAsync(async () =>
        {
            var image = parsed.GetRequiredValue(SigningSettings.Image);
            var name = parsed.GetValue(Bundle) is null ? Repository(ImageReference.Parse(image)) : image;
            if (Rule(parsed, name) is not { } rule)
            {
                await Console.Error.WriteLineAsync(Printable.OneLine($"error {ContentTrustRules.NoTrustRule.Code}: No trust rule of the policy covers {name}: add one, or name a key or an identity."));
                return ExitCode.Refused;
            }

            var signers = await TrustedSigners.OpenAsync(rule.Signers, parsed.GetValue(SigningSettings.TrustedRoot), parsed.GetValue(Offline), cancellationToken);
            var verification = parsed.GetValue(Bundle) is { } bundle ? await DetachedAsync(parsed, image, bundle, rule, signers, cancellationToken) : await InRegistryAsync(parsed, image, rule, signers, cancellationToken);
            var note = string.Join("; ", [.. signers.Note.Length > 0 ? [signers.Note] : (string[])[], .. verification.Notes]);
            var text = parsed.GetRequiredValue(OutputFormat) == "json" ? VerificationOutput.Json(verification, note) : VerificationOutput.Table(verification, note, name);
            await ResultOutput.WriteAsync(text, parsed.GetValue(SharedOptions.Output), cancellationToken);
            foreach (var failure in verification.Failures)
            {
                await Console.Error.WriteLineAsync(Printable.OneLine(VerificationOutput.Error(failure, verification)));
            }

            return verification.Verified ? ExitCode.Passed : ExitCode.Refused;
        }));
        return command;
    }

    private static string Repository(ImageReference reference) => $"{reference.Registry}/{reference.Repository}";

    private static async Task<ImageVerification> InRegistryAsync(ParseResult parsed, string image, TrustRule rule, TrustedSigners signers, CancellationToken cancellationToken)
    {
        using var client = new RegistryClient(parsed.LoadPolicy().RegistryOptions());
        return await TrustRuleVerifier.VerifyAsync(client, ImageReference.Parse(image), rule, signers, parsed.Formats(Formats), cancellationToken);
    }

    private static async Task<ImageVerification> DetachedAsync(ParseResult parsed, string image, string bundle, TrustRule rule, TrustedSigners signers, CancellationToken cancellationToken)
    {
        await using var set = await ImageSource.OpenAsync(image, parsed.LoadPolicy().SourceOptions(), cancellationToken);
        return await DetachedSignature.VerifyAsync(set, bundle, rule, signers, cancellationToken);
    }

    /// <summary>The rule that the options make, else the policy's for this repository; null where the policy has rules and none covers it.</summary>
    private static TrustRule? Rule(ParseResult parsed, string repository)
    {
        var signers = Signers(parsed);
        var attestations = (parsed.GetValue(Attestation) ?? []).Select(t => PredicateTypes.Find(t).IsEmpty
            ? throw new GuardException("CBG9009", GuardFailure.Input, $"'{t}' is no type of attestation: use one of {string.Join(", ", RequiredAttestation.TypeNames)}, or a predicate type's URI.")
            : new RequiredAttestation { Type = t }).ToImmutableArray();
        if (!signers.IsEmpty || parsed.GetValue(Dct) == true)
        {
            return new TrustRule { Signers = signers, EveryPlatform = parsed.GetValue(Recursive), Attestations = attestations, Dct = ContentTrust(parsed, null) };
        }

        var policy = parsed.LoadPolicy();
        if (policy.Trust.IsEmpty)
        {
            return ContentTrust(parsed, null) is { } dct && attestations.IsEmpty
                ? new TrustRule { Signers = [], Dct = dct }
                : throw new GuardException("CBG9009", GuardFailure.Input, "It is not said whom to trust: name a key (--key), an identity (--certificate-identity and --certificate-oidc-issuer) or --dct, or give the policy trust rules.");
        }

        return policy.Trust.FirstOrDefault(r => r.Covers(repository)) is { } rule
            ? rule with { EveryPlatform = rule.EveryPlatform || parsed.GetValue(Recursive), Attestations = [.. rule.Attestations, .. attestations], Dct = ContentTrust(parsed, rule.Dct) }
            : null;
    }

    /// <summary>Docker Content Trust, where the option, the environment or the policy's rule asks for it. Like the docker client's, the environment's is for images in registries alone.</summary>
    private static DctTrust? ContentTrust(ParseResult parsed, DctTrust? ofRule)
    {
        var environment = parsed.GetValue(Dct) is null && parsed.GetValue(Bundle) is null ? DctEnvironment.Read(Environment.GetEnvironmentVariable) : null;
        return (ofRule ?? (parsed.GetValue(Dct) == true ? new DctTrust() : environment)) is { } trust ? DctSettings.Trust(parsed, trust) with { Offline = parsed.GetValue(Offline) } : null;
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
