using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Verifies that Docker Content Trust signs an image's tag for the digest that the registry serves.</summary>
public static class DctVerifier
{
    /// <summary>The format of these signatures in <see cref="VerifiedSignature"/>.</summary>
    public const string Format = "dct";

    /// <summary>What the docker client calls the repository's own keys where no delegation signed.</summary>
    internal const string RepositorySigner = "Repo Admin";

    /// <summary>Looks the tag up as the docker client does, in <c>targets/releases</c> and then in <c>targets</c>. A reference with a digest alone verifies where some tag is signed for it.</summary>
    /// <param name="client">The registry client; its credentials and authorities serve for the Notary server too.</param>
    /// <param name="image">The image.</param>
    /// <param name="trust">Whom to believe.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImageException">The registry does not have the image, refuses, or cannot be reached.</exception>
    /// <exception cref="GuardException">CBG3035: the trust data could not be looked up. CBG9009: the settings are wrong.</exception>
    public static async Task<ImageVerification> VerifyAsync(RegistryClient client, ImageReference image, DctTrust trust, CancellationToken cancellationToken)
    {
        var (root, bytes) = await client.GetManifestAsync(image.Registry, image.Repository, image.Selector, cancellationToken);
        var verification = new ImageVerification { Reference = image.ToString(), Digest = root.Digest, Manifests = [root.Digest], Signatures = [], Failures = [] };
        using var session = DctSession.Open(client.Options, image, trust);
        try
        {
            var state = await session.Repository.ReadAsync(d => d.Name == DctRole.Releases || trust.Signers.Contains(d.Signer), cancellationToken);
            var (signatures, failure) = Check(state, image, root.Digest, bytes, trust.Signers);
            return verification with { Signatures = signatures, Failures = failure is null ? [] : [failure], Notes = Notes(state, session) };
        }
        catch (DctException e)
        {
            return verification with { Failures = [session.Failure(e, root.Digest)] };
        }
    }

    private static (ImmutableArray<VerifiedSignature> Signatures, TrustFailure? Failure) Check(DctState state, ImageReference image, Digest digest, byte[] manifest, ImmutableArray<string> wanted)
    {
        var tags = image.Tag is { } named ? [named] : state.Tags.Where(t => state.Find(t)!.Matches(manifest)).ToList();
        var reasons = new List<string>();
        foreach (var tag in tags)
        {
            if (state.Released(tag) is not { } released)
            {
                return ([], new TrustFailure(digest, DctRules.TagNotSigned, $"its tag '{tag}' is not signed", [Others(state), .. Elsewhere(state, tag)]));
            }

            if (!released.File.Matches(manifest))
            {
                return ([], new TrustFailure(digest, DctRules.OtherDigest, $"its tag '{tag}' is signed for sha256:{released.File.Sha256} ({released.File.Length} bytes)", [$"{released.Role} says so; the tag was moved without signing it, or the registry serves another image"]));
            }

            var signers = state.SignersOf(tag, released.File).ToHashSet(StringComparer.Ordinal);
            var missing = wanted.Where(w => !signers.Contains(w)).ToList();
            if (missing.Count == 0)
            {
                return ([Signature(released.Role, RepositorySigner), .. wanted.Select(w => Signature($"targets/{w}", w))], null);
            }

            reasons.Add($"the tag '{tag}' is not signed by {string.Join(", ", missing)}");
        }

        return ([], tags.Count == 0
            ? new TrustFailure(digest, DctRules.TagNotSigned, "no tag is signed for its digest", [Others(state)])
            : new TrustFailure(digest, DctRules.TagNotSigned, "it is not signed by everybody who should have signed it", [.. reasons]));

        VerifiedSignature Signature(string role, string signer) =>
            new(digest, signer, $"{role} of {state.Repository} (root key {string.Join(", ", state.RootKeys.Select(DctKey.Short))})", Format, ImageSigner.SignaturePredicate, null);
    }

    private static string Others(DctState state)
    {
        var tags = state.Tags.ToList();
        return tags.Count == 0 ? "no tag of the repository is signed" : $"signed are {string.Join(", ", tags.Take(5))}{(tags.Count > 5 ? $" and {tags.Count - 5} more" : "")}";
    }

    /// <summary>Where a delegation names the tag and does not count.</summary>
    private static IEnumerable<string> Elsewhere(DctState state, string tag) =>
        state.Delegated.Where(d => d.Value.Tags.ContainsKey(tag)).Select(d => state.Signed(d.Key, tag) is null ? $"{d.Key} names it, and may not sign it by its paths" : $"{d.Key} signs it, which does not release it");

    private static ImmutableArray<string> Notes(DctState state, DctSession session) =>
        state.FirstUse ? [$"root key {string.Join(", ", state.RootKeys)} of {state.Repository} seen for the first time at {session.Where}, and trusted from now on"] : [];
}
