using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Attesting;

/// <summary>
/// OpenVEX documents that are attached to an image in a registry. They silence findings, so that they count only where somebody signed them whom the policy
/// trusts for this image; without a trust rule for it nobody is asked.
/// </summary>
internal static class AttachedVex
{
    /// <summary>The documents of an image and of each of its platforms.</summary>
    /// <remarks><c>offline</c>: takes the trust that is on this machine; the image's registry is asked all the same.</remarks>
    /// <exception cref="ImageException">The registry refuses or cannot be reached.</exception>
    /// <exception cref="Findings.GuardException">A signer's key or the trust cannot be used.</exception>
    public static async Task<AttachedVexDocuments> FindAsync(ImageSet set, Policy policy, bool offline, CancellationToken cancellationToken)
    {
        if (ImageSource.InRegistry(set.Reference) is not { } reference || policy.Trust.FirstOrDefault(r => r.Covers($"{reference.Registry}/{reference.Repository}")) is not { } rule)
        {
            return AttachedVexDocuments.None;
        }

        var able = rule.Signers.Where(s => s.Key is not null || s.Identity.Text.Length > 0).ToArray();
        if (able.Length == 0)
        {
            return await RefuseAsync(set, reference, policy, cancellationToken);
        }

        var signers = await TrustedSigners.OpenAsync([.. able], trustedRootFile: null, offline, cancellationToken);
        using var client = new RegistryClient(policy.RegistryOptions());
        var documents = new List<AttachedVexDocument>();
        var refused = new List<string>();
        foreach (var digest in Manifests(set))
        {
            var said = await SaidAboutImage.FindAsync(client, reference, digest, signers, PredicateTypes.Find("openvex").Contains, cancellationToken);
            refused.AddRange(said.Refused);
            foreach (var same in said.Verified.GroupBy(v => v.Predicate.GetRawText(), StringComparer.Ordinal))
            {
                var by = same.Select(v => v.Signer).Distinct(StringComparer.Ordinal).ToList();
                if (by.Count >= rule.Threshold)
                {
                    documents.Add(new AttachedVexDocument(digest.ToString(), digest == set.Root.Digest, string.Join(" and ", by), same.First().Predicate));
                }
                else
                {
                    refused.Add($"{by.Count} of {rule.Threshold} trusted signers signed it");
                }
            }
        }

        return new AttachedVexDocuments([.. documents], [.. refused.Distinct(StringComparer.Ordinal)]);
    }

    /// <summary>Signatures of the Notary Project and of Docker Content Trust are about an image alone: whoever is trusted by them has no way to vouch for a document.</summary>
    private static async Task<AttachedVexDocuments> RefuseAsync(ImageSet set, ImageReference reference, Policy policy, CancellationToken cancellationToken)
    {
        using var client = new RegistryClient(policy.RegistryOptions());
        foreach (var digest in Manifests(set))
        {
            if (await SaidAboutImage.AnyAsync(client, reference, digest, PredicateTypes.Find("openvex").Contains, cancellationToken))
            {
                return AttachedVexDocuments.None with { Refused = ["the policy's trust rule for the image names no key and no identity, and signatures of the Notary Project or of Docker Content Trust vouch for the image only, not for what is attested of it"] };
            }
        }

        return AttachedVexDocuments.None;
    }

    private static IEnumerable<Digest> Manifests(ImageSet set) => set.Images.Select(i => i.Digest).Prepend(set.Root.Digest).Distinct();
}
