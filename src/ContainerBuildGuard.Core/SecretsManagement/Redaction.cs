namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What may be shown of a secret.</summary>
internal static class Redaction
{
    /// <summary>At most the first four characters, never more than a quarter.</summary>
    public static string Preview(ReadOnlySpan<char> secret) => $"{secret[..Math.Min(4, secret.Length / 4)]}…";
}
