using System.Collections.Immutable;
using System.Text.Json;

namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>Reads keys and roles of metadata.</summary>
internal static class TufKeys
{
    private const int MaxKeys = 1024;

    /// <summary>An Ed25519 SubjectPublicKeyInfo up to the key itself (RFC 8410, section 4).</summary>
    private static readonly byte[] Ed25519Prefix = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

    public static ImmutableDictionary<string, VerificationKey> Read(JsonElement holder)
    {
        var keys = TufEnvelope.Member(holder, "keys", JsonValueKind.Object);
        var read = ImmutableDictionary.CreateBuilder<string, VerificationKey>();
        foreach (var member in keys.EnumerateObject())
        {
            if (read.Count >= MaxKeys)
            {
                throw new TufException(TufError.Limit, $"the metadata has more than {MaxKeys} keys");
            }

            // Identities are the repository's own: the oldest roots' cannot be recomputed.
            if (Key(member.Value) is { } key)
            {
                read[member.Name] = key;
            }
        }

        return read.ToImmutable();
    }

    public static TufRole Role(JsonElement role, ImmutableDictionary<string, VerificationKey> keys)
    {
        var ids = TufEnvelope.Texts(role, "keyids").Distinct().ToList();
        var threshold = TufEnvelope.Integer(role, "threshold");
        return threshold is > 0 and <= MaxKeys
            ? new TufRole(ids.Where(keys.ContainsKey).ToImmutableDictionary(i => i, i => keys[i]), (int)threshold)
            : throw TufEnvelope.Malformed("a role's threshold is 0 or beyond reason");
    }

    /// <summary>Null for a kind that this client does not verify: it then counts for nothing.</summary>
    private static VerificationKey? Key(JsonElement key)
    {
        var value = TufEnvelope.Text(TufEnvelope.Member(key, "keyval", JsonValueKind.Object), "public");
        try
        {
            return TufEnvelope.Text(key, "scheme") switch
            {
                "ecdsa-sha2-nistp256" or "ecdsa-sha2-nistp384" => VerificationKey.Parse(value, "metadata"),
                "rsassa-pss-sha256" => VerificationKey.FromSubjectPublicKeyInfo(VerificationKey.Parse(value, "metadata").SubjectPublicKeyInfo, SignatureScheme.RsaPss),
                "ed25519" when value.Length == 64 && value.All(char.IsAsciiHexDigit) => VerificationKey.FromSubjectPublicKeyInfo([.. Ed25519Prefix, .. Convert.FromHexString(value)]),
                _ => null,
            };
        }
        catch (Exception e) when (e is KeyException or SigstoreException)
        {
            return null;
        }
    }
}
