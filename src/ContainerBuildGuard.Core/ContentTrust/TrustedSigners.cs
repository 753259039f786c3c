using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>A rule's signers, ready to verify: their keys are read, and the trusted root is there where an identity needs it.</summary>
public sealed class TrustedSigners
{
    private readonly ImmutableArray<(string Name, VerificationPolicy Policy)> _signers;
    private readonly BundleVerifier _verifier;

    private TrustedSigners(ImmutableArray<(string Name, VerificationPolicy Policy)> signers, BundleVerifier verifier, string note) => (_signers, _verifier, Note) = (signers, verifier, note);

    /// <summary>A word on the trust and its age; empty where only keys are asked for.</summary>
    public string Note { get; }

    /// <exception cref="GuardException">CBG3005, CBG3007 or CBG9009: a key or the trust cannot be used, or a pattern is wrong.</exception>
    public static async Task<TrustedSigners> OpenAsync(ImmutableArray<TrustedSigner> signers, string? trustedRootFile, bool offline, CancellationToken cancellationToken)
    {
        if (signers.Any(s => s.Notation is not null))
        {
            throw new GuardException("CBG9009", GuardFailure.Input, "A notation signer vouches for images in registries, by signatures of the Notary Project; a bundle in a file is none.");
        }

        using var http = TrustHttp.Create(TimeSpan.FromSeconds(30));
        var opened = ImmutableArray.CreateBuilder<(string, VerificationPolicy)>();
        foreach (var signer in signers)
        {
            opened.Add(signer.Key is { } key
                ? (key, VerificationPolicy.ForKey(await SigningKeys.OpenPublicAsync(key, http, cancellationToken)))
                : (signer.Identity.Text, VerificationPolicy.ForIdentities(Identity(signer))));
        }

        if (trustedRootFile is null && signers.All(s => s.Key is not null))
        {
            // What logs and authorities add to a key is left alone without a trusted root; the key alone decides.
            return new TrustedSigners(opened.ToImmutable(), new BundleVerifier(null), "");
        }

        var (trust, note) = await SigstoreInstance.ResolveAsync(trustedRootFile, offline, http, cancellationToken);
        return new TrustedSigners(opened.ToImmutable(), new BundleVerifier(trust.Config.TrustedRoot), note);
    }

    /// <summary>The signer who made the bundle, with the verification; where it is none of them, why not.</summary>
    internal (string? Signer, VerificationResult? Result, string Reason) Verify(Bundle bundle, Artifact artifact)
    {
        var reasons = new List<string>();
        foreach (var (name, policy) in _signers)
        {
            var result = _verifier.Verify(bundle, artifact, policy);
            if (result.Verified)
            {
                return (name, result, "");
            }

            reasons.Add(result.Reason);
        }

        return (null, null, string.Join("; ", reasons.Distinct()));
    }

    private static CertificateIdentity Identity(TrustedSigner signer) => new()
    {
        Subject = Match(signer.Identity),
        Issuer = Match(signer.Issuer),
        WorkflowName = signer.Claims.TryGetValue("workflow", out var workflow) ? TextMatch.Exactly(workflow) : null,
        Claims = signer.Claims.Where(c => c.Key != "workflow").ToImmutableDictionary(c => Claim(c.Key), c => TextMatch.Exactly(c.Value)),
    };

    private static TextMatch Match((string Text, bool IsPattern) text)
    {
        try
        {
            return text.IsPattern ? TextMatch.Pattern(text.Text) : TextMatch.Exactly(text.Text);
        }
        catch (ArgumentException e)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, $"'{text.Text}' is no pattern of an identity: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static FulcioClaim Claim(string name) => name switch
    {
        "source-repository" => FulcioClaim.SourceRepositoryUri,
        "source-ref" => FulcioClaim.SourceRepositoryRef,
        "source-commit" => FulcioClaim.SourceRepositoryDigest,
        "source-owner" => FulcioClaim.SourceRepositoryOwnerUri,
        "build-config" => FulcioClaim.BuildConfigUri,
        "build-signer" => FulcioClaim.BuildSignerUri,
        "trigger" => FulcioClaim.BuildTrigger,
        "runner" => FulcioClaim.RunnerEnvironment,
        "environment" => FulcioClaim.DeploymentEnvironment,
        "run" => FulcioClaim.RunInvocationUri,
        "visibility" => FulcioClaim.SourceRepositoryVisibility,
        _ => throw new ArgumentException($"'{name}' is no claim.", nameof(name)),
    };
}
