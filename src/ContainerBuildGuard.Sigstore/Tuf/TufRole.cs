using System.Collections.Immutable;

namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>Whose signatures a role needs, and how many.</summary>
/// <param name="Keys">The role's keys by identity; a kind of key that this client cannot use is left out.</param>
/// <param name="Threshold">How many of them must have signed.</param>
internal sealed record TufRole(ImmutableDictionary<string, VerificationKey> Keys, int Threshold)
{
    /// <summary>Whether both roles have the same keys and threshold.</summary>
    public bool SameAs(TufRole other) => Threshold == other.Threshold && Keys.Keys.Order().SequenceEqual(other.Keys.Keys.Order());

    /// <summary>Refuses metadata that too few of the role's keys signed. One key counts once, under however many identities it stands.</summary>
    /// <exception cref="TufException">They did not.</exception>
    public void Require(TufEnvelope metadata, string what)
    {
        var signers = metadata.Signatures
            .Where(s => Keys.TryGetValue(s.KeyId, out var key) && key.Verify(metadata.Signed, s.Signature))
            .Select(s => Keys[s.KeyId].KeyId)
            .Distinct()
            .Count();
        if (signers < Threshold)
        {
            throw new TufException(TufError.SignatureMissing, $"{what} has {signers} good signatures of its role's keys, {Threshold} are needed");
        }
    }
}

/// <summary>A delegation: who may vouch for which target paths.</summary>
/// <param name="Name">The role's name.</param>
/// <param name="Role">Its keys.</param>
/// <param name="Paths">Patterns of paths; null where hash prefixes decide.</param>
/// <param name="HashPrefixes">Prefixes of the SHA-256 of paths, in hexadecimal.</param>
/// <param name="Terminating">Whether the search ends here for a path that fits.</param>
internal sealed record TufDelegation(string Name, TufRole Role, ImmutableArray<TufPathPattern>? Paths, ImmutableArray<string> HashPrefixes, bool Terminating)
{
    public bool Covers(string path) => Paths is { } patterns
        ? patterns.Any(p => p.Matches(path))
        : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(path))) is var hash && HashPrefixes.Any(p => hash.StartsWith(p, StringComparison.Ordinal));
}
