using System.Collections.Immutable;
using System.Text.Json;
using ContainerBuildGuard.ContentTrust.Cosign;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>A predicate about an image, signed by somebody whom a rule trusts.</summary>
internal sealed record VerifiedPredicate(string Signer, string PredicateType, JsonElement Predicate);

/// <summary>What was said about a manifest in one kind of predicate: what verified, and why the rest does not count.</summary>
internal sealed record SaidAboutImage(ImmutableArray<VerifiedPredicate> Verified, ImmutableArray<string> Refused)
{
    /// <summary>Asks the registry for the attestations of a manifest, and verifies those of the wanted kind by a rule's signers.</summary>
    /// <exception cref="ImageException">The registry refuses or cannot be reached.</exception>
    public static async Task<SaidAboutImage> FindAsync(RegistryClient client, ImageReference reference, Digest manifest, TrustedSigners signers, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        var verified = ImmutableArray.CreateBuilder<VerifiedPredicate>();
        var refused = ImmutableArray.CreateBuilder<string>();
        foreach (var stored in await StoredAsync(client, reference, manifest, wanted, cancellationToken))
        {
            var (signer, result, reason) = signers.Verify(stored.Bundle!, stored.Artifact);
            if (signer is not null && result!.Statement is { } statement && wanted(statement.PredicateType))
            {
                verified.Add(new(signer, statement.PredicateType, statement.Predicate));
            }
            else
            {
                refused.Add(reason);
            }
        }

        return new(verified.ToImmutable(), refused.ToImmutable());
    }

    /// <summary>Whether a manifest has attestations that call themselves of the wanted kind. Nothing is verified.</summary>
    /// <exception cref="ImageException">The registry refuses or cannot be reached.</exception>
    public static async Task<bool> AnyAsync(RegistryClient client, ImageReference reference, Digest manifest, Func<string, bool> wanted, CancellationToken cancellationToken) =>
        (await StoredAsync(client, reference, manifest, wanted, cancellationToken)).Any();

    /// <remarks>What an unverified bundle says of itself decides only whether its refusal is worth a word.</remarks>
    private static async Task<IEnumerable<StoredSignature>> StoredAsync(RegistryClient client, ImageReference reference, Digest manifest, Func<string, bool> wanted, CancellationToken cancellationToken)
    {
        var store = new SignatureStore(client, reference.Registry, reference.Repository);
        var found = (await store.FindBundlesAsync(manifest, cancellationToken)).Add(await store.FindLegacyAsync(manifest, "att", cancellationToken));
        return found.Signatures.Where(s => s.Bundle is not null && wanted(s.AnnouncedType));
    }
}
