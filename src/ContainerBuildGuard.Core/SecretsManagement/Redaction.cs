using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What may be shown of a secret.</summary>
internal static class Redaction
{
    /// <summary>At most the first four characters, never more than a quarter.</summary>
    public static string Preview(ReadOnlySpan<byte> secret) => $"{Encoding.Latin1.GetString(secret[..Math.Min(4, secret.Length / 4)])}…";
}
