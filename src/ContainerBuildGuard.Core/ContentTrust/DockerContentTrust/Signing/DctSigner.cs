using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>What was signed.</summary>
/// <param name="Digest">The digest that the tag is now signed for.</param>
/// <param name="Roles">The roles that say so.</param>
/// <param name="Published">Whether metadata was published; false where they all said so before.</param>
public sealed record DctSigning(Digest Digest, ImmutableArray<string> Roles, bool Published);

/// <summary>Signs a tag for the digest that the registry serves, in the roles that the docker client would sign in, so that docker clients with content trust on can pull it.</summary>
public static class DctSigner
{
    private const int Attempts = 3;

    /// <summary>Metadata that ends sooner than this is signed anew even where nothing changes, as Notary's own client does.</summary>
    private const int MonthsToSpare = 6;

    /// <exception cref="ImageException">The registry does not have the image, refuses, or cannot be reached.</exception>
    /// <exception cref="GuardException">CBG3005: a key is missing. CBG3006: the server refused. CBG3035: it could not be asked.</exception>
    public static async Task<DctSigning> SignAsync(RegistryClient client, ImageReference image, DctTrust trust, DctKeyFolder keys, CancellationToken cancellationToken)
    {
        if (image.Tag is not { } tag || trust.Offline)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, "Docker Content Trust signs tags, at a server: name the image by its tag, and do not leave the network alone.");
        }

        var (root, bytes) = await client.GetManifestAsync(image.Registry, image.Repository, image.Selector, cancellationToken);
        using var session = DctSession.Open(client.Options, image, trust);
        try
        {
            string? refusal = null;
            for (var attempt = 1; ; attempt++)
            {
                // What was published is read back before it is reported as signed.
                var state = await session.Repository.ReadAsync(_ => true, cancellationToken);
                var roles = Roles(state, tag, keys);
                if (roles.All(r => IsSigned(state, r.Name, tag, bytes)))
                {
                    return new DctSigning(root.Digest, [.. roles.Select(r => r.Name)], attempt > 1);
                }

                if (attempt > Attempts)
                {
                    throw Failed($"{session.Where} does not take the signed metadata ({refusal ?? "it says it did, and does not serve it"}): somebody else publishes at the same time, or the snapshot's key is neither here nor at the server");
                }

                refusal = await session.Server!.PublishAsync(Metadata(state, roles, tag, bytes, keys), cancellationToken);
            }
        }
        catch (DctException e)
        {
            throw e.Error == DctError.Unreachable ? DctSession.Unavailable(e)
                : e.Error == DctError.NotFound ? Failed($"{session.Where} has no trust data of {image.Registry}/{image.Repository}, and the guard makes no root keys: begin it with `docker trust signer add` or `notary init`", e)
                : Failed($"The trust data of {image.Registry}/{image.Repository} does not verify, so nothing is added to it: {e.Message}", e);
        }
    }

    /// <summary>Every delegation whose keys are here, as the docker client chooses; the repository's own role where it has no delegations.</summary>
    private static List<(string Name, DctRole Role)> Roles(DctState state, string tag, DctKeyFolder keys)
    {
        var delegations = state.Targets.Delegations.Where(d => d.IsDirect).ToList();
        if (delegations.Count == 0)
        {
            return [(DctRole.Targets, state.Root.Roles[DctRole.Targets])];
        }

        var mine = delegations.Where(d => d.Covers(tag) && d.Role.Keys.Values.Any(keys.Has)).OrderBy(d => d.Name, StringComparer.Ordinal).ToList();
        return mine.Exists(d => d.Name == DctRole.Releases) ? [.. mine.Select(d => (d.Name, d.Role))]
            : throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input,
                $"No key here may sign the tag '{tag}' in {DctRole.Releases} of {state.Repository}, where docker clients look ({(mine.Count == 0 ? "there is no key of any of its signers" : $"only in {string.Join(", ", mine.Select(d => d.Name))}")}): import the signer's key with `docker trust key load`.");
    }

    private static bool IsSigned(DctState state, string role, string tag, byte[] manifest)
    {
        var targets = role == DctRole.Targets ? state.Targets : state.Delegated.GetValueOrDefault(role);
        return targets is not null && targets.Expires > TimeProvider.System.GetUtcNow().AddMonths(MonthsToSpare) && targets.Tags.GetValueOrDefault(tag)?.Matches(manifest) == true;
    }

    private static Dictionary<string, byte[]> Metadata(DctState state, List<(string Name, DctRole Role)> roles, string tag, byte[] manifest, DctKeyFolder keys)
    {
        var now = TimeProvider.System.GetUtcNow();
        var metadata = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var (name, role) in roles)
        {
            var before = name == DctRole.Targets ? state.Targets : state.Delegated.GetValueOrDefault(name);
            metadata[name] = Sign(DctDraft.Targets(before, now).Set("targets", tag, manifest), name, role, keys);
        }

        // Where the snapshot's key is not here the server has it, and makes the snapshot itself.
        var snapshotRole = state.Root.Roles[DctRole.Snapshot];
        if (snapshotRole.Keys.Values.Any(keys.Has))
        {
            var snapshot = DctDraft.Snapshot(state.Snapshot, now);
            foreach (var (name, bytes) in metadata)
            {
                snapshot.Set("meta", name, bytes);
            }

            metadata[DctRole.Snapshot] = Sign(snapshot, DctRole.Snapshot, snapshotRole, keys);
        }

        return metadata;
    }

    private static byte[] Sign(DctDraft draft, string name, DctRole role, DctKeyFolder keys)
    {
        var opened = new List<(DctKey Public, DctSigningKey Private)>();
        try
        {
            foreach (var key in role.Keys.Values.Where(keys.Has))
            {
                opened.Add((key, keys.Open(key, name)));
            }

            return opened.DistinctBy(k => k.Public.CanonicalId).Count() >= role.Threshold
                ? draft.Sign(opened)
                : throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, $"{name} needs signatures of {role.Threshold} of its keys, and {opened.Count} are here: import the others with `docker trust key load`.");
        }
        finally
        {
            opened.ForEach(k => k.Private.Dispose());
        }
    }

    private static GuardException Failed(string what, Exception? inner = null) => new(ContentTrustRules.SigningFailed.Code, GuardFailure.Environment, $"{what}.", inner);
}
