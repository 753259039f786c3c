using System.Collections.Frozen;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What looks like a secret by its place and is none: placeholders, references to a variable, words.</summary>
internal static class Placeholders
{
    private static readonly string[] Fragments =
        ["changeme", "change_me", "change-me", "your_", "your-", "yourpassword", "placeholder", "example", "redacted", "<", "${", "#{", "{{", "$(", "%(", "insert", "replace", "xxxx", "****", "todo", "dummy"];

    private static readonly FrozenSet<string> Words = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "password", "secret", "token", "null", "none", "true", "false", "string", "undefined", "empty", "required", "optional", "default", "test", "username", "accesstoken", "access_token", "refresh_token", "client_secret");

    public static bool IsPlaceholder(string secret)
    {
        var lower = secret.ToLowerInvariant();
        return Words.Contains(secret)
            || Fragments.Any(f => lower.Contains(f, StringComparison.Ordinal))
            || (secret.StartsWith('%') && secret.EndsWith('%'))
            || (secret.StartsWith("__", StringComparison.Ordinal) && secret.EndsWith("__", StringComparison.Ordinal))
            || secret.Distinct().Count() <= 2;
    }

    /// <summary>Shannon entropy in bits a character.</summary>
    public static double Entropy(string text)
    {
        var result = 0.0;
        foreach (var group in text.GroupBy(c => c))
        {
            var share = (double)group.Count() / text.Length;
            result -= share * Math.Log2(share);
        }

        return result;
    }
}
