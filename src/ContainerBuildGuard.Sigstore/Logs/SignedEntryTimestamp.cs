using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Rekor v1's promise to include an entry: a signature over the entry in canonical JSON (RFC 8785).</summary>
internal static class SignedEntryTimestamp
{
    public static bool Verify(LogEntry entry, VerificationKey key)
    {
        var signed = string.Create(CultureInfo.InvariantCulture,
            $$"""{"body":"{{Convert.ToBase64String(entry.CanonicalizedBody)}}","integratedTime":{{entry.IntegratedTime}},"logID":"{{Convert.ToHexStringLower(entry.LogId)}}","logIndex":{{entry.LogIndex}}}""");
        return key.Verify(Encoding.UTF8.GetBytes(signed), entry.SignedEntryTimestamp!);
    }
}
