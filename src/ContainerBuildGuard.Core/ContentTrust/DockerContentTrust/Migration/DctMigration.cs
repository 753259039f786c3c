using System.Collections.Immutable;
using System.Text.Json.Nodes;
using ContainerBuildGuard.ContentTrust.Notation;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>What to migrate.</summary>
public sealed record DctMigrationOptions
{
    /// <summary>The tags; empty for every one that is signed.</summary>
    public ImmutableArray<string> Tags { get; init; } = [];

    /// <summary>Whether metadata past its end is taken for what it was.</summary>
    public bool AcceptExpired { get; init; }

    /// <summary>The formats of the signatures: <c>bundle</c>, <c>legacy</c>.</summary>
    public IReadOnlyCollection<string> Formats { get; init; } = ["bundle"];

    /// <summary>Signs by the Notary Project's rules in place of Sigstore's; the attestation is in-toto either way. The caller's to dispose.</summary>
    public NotationSigning? Notation { get; init; }
}

/// <summary>
/// Takes what Docker Content Trust signed over into signatures of Sigstore or the Notary Project: the trust data is verified, each tag must still be served with the digest that was signed, and the digest is signed anew, with an
/// attestation of what the new signature rests on.
/// </summary>
public static class DctMigration
{
    /// <param name="client">The registry client.</param>
    /// <param name="image">An image of the repository; its tag does not matter.</param>
    /// <param name="trust">Whom to believe.</param>
    /// <param name="signer">Signs anew, and attests the evidence; null for a dry run.</param>
    /// <param name="options">What to migrate.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImageException">The registry refuses or cannot be reached.</exception>
    /// <exception cref="GuardException">CBG3006: signing failed. CBG3035: the trust data could not be looked up.</exception>
    public static async Task<DctMigrationReport> RunAsync(RegistryClient client, ImageReference image, DctTrust trust, BundleSigner? signer, DctMigrationOptions options, CancellationToken cancellationToken)
    {
        using var session = DctSession.Open(client.Options, image, trust, options.AcceptExpired);
        var report = new DctMigrationReport { Repository = $"{image.Registry}/{image.Repository}" };
        DctState state;
        try
        {
            state = await session.Repository.ReadAsync(_ => true, cancellationToken);
        }
        catch (DctException e)
        {
            return report with { Refusal = session.Failure(e, default) };
        }

        var evidence = DctEvidence.Of(state, session.Where, TimeProvider.System.GetUtcNow());
        var tags = ImmutableArray.CreateBuilder<DctMigratedTag>();
        foreach (var tag in options.Tags.IsEmpty ? state.Tags : options.Tags.Distinct())
        {
            tags.Add(await LookAsync(client, image, state, tag, trust.Signers, cancellationToken));
        }

        if (signer is not null)
        {
            // What several tags name is signed once.
            foreach (var same in tags.Where(t => t.Outcome == DctMigrationOutcome.Ready).GroupBy(t => t.Digest!.Value).ToList())
            {
                await SignAsync(client, image, same.Key, [.. same], evidence, signer, options, cancellationToken);
            }
        }

        return report with
        {
            Tags = [.. tags.Select(t => signer is not null && t.Outcome == DctMigrationOutcome.Ready ? t with { Outcome = DctMigrationOutcome.Migrated } : t)],
            Evidence = evidence,
            Inspection = DctEvidence.Inspection(state),
            Expired = state.Expired,
        };
    }

    private static async Task<DctMigratedTag> LookAsync(RegistryClient client, ImageReference image, DctState state, string tag, ImmutableArray<string> wanted, CancellationToken cancellationToken)
    {
        if (!ImageReference.IsTag(tag) || state.Find(tag) is not { } file)
        {
            return new DctMigratedTag(tag, null, [], DctMigrationOutcome.NotSigned, "Docker Content Trust does not sign it");
        }

        var (digest, signers) = (Digest.FromHash("sha256", Convert.FromHexString(file.Sha256)), DctEvidence.Signers(state, tag));
        var found = new DctMigratedTag(tag, digest, [.. signers], DctMigrationOutcome.Ready, "");
        if (wanted.Except(signers).ToList() is { Count: > 0 } missing)
        {
            return found with { Outcome = DctMigrationOutcome.NotSigned, Detail = $"it is not signed by {string.Join(", ", missing)}" };
        }

        if (await client.HeadManifestAsync(image.Registry, image.Repository, tag, cancellationToken) is not { } served)
        {
            return found with { Outcome = DctMigrationOutcome.Missing, Detail = "the registry does not have the tag" };
        }

        if (served != digest)
        {
            return found with { Outcome = DctMigrationOutcome.Moved, Detail = $"the registry serves {served}" };
        }

        var (_, bytes) = await client.GetManifestAsync(image.Registry, image.Repository, digest.ToString(), cancellationToken);
        return file.Matches(bytes) ? found : found with { Outcome = DctMigrationOutcome.Moved, Detail = "the registry's manifest does not have the length and hashes that were signed" };
    }

    private static async Task SignAsync(RegistryClient client, ImageReference image, Digest digest, IReadOnlyList<DctMigratedTag> tags, JsonObject evidence, BundleSigner signer, DctMigrationOptions options, CancellationToken cancellationToken)
    {
        var (root, bytes) = await client.GetManifestAsync(image.Registry, image.Repository, digest.ToString(), cancellationToken);
        Descriptor[] manifests = MediaTypes.IsIndex(root.MediaType) ? [root, .. ManifestParser.ParseIndex(bytes, client.Options.Limits).Manifests.Where(ImageVerifier.IsImage)] : [root];
        var predicate = (JsonObject)evidence.DeepClone();
        predicate["tags"] = new JsonArray([.. tags.Select(t => (JsonNode)new JsonObject { ["tag"] = t.Tag, ["signers"] = new JsonArray([.. t.Signers.Select(s => (JsonNode)s)]) })]);

        // The evidence comes first: a signature never stands there without what it rests on.
        await ImageSigner.AttestAsync(client, image.Registry, image.Repository, root, signer, PredicateTypes.DctMigration, predicate, options.Formats, cancellationToken);
        await (options.Notation is { } notation
            ? notation.SignAsync(client, image.Registry, image.Repository, manifests, cancellationToken)
            : ImageSigner.SignAsync(client, image.Registry, image.Repository, manifests, signer, options.Formats, cancellationToken));
    }
}
