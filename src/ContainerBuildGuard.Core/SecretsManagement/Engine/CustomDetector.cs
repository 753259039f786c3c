using System.Text;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>A detector of the policy: a pattern that runs around its keyword, without backtracking and under a time limit.</summary>
internal sealed class CustomDetector(SecretDetectorDefinition definition)
{
    private const int Before = 256;
    private const int After = 1024;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);
    private readonly Lazy<Regex> _pattern = new(() => new Regex(definition.Pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Limit));

    public static SecretDetector Of(SecretDetectorDefinition definition) =>
        new(definition.Name, SecretsRules.PolicySecret, definition.Description, [.. definition.Keywords.Select(k => new Keyword(k, true))], new CustomDetector(definition).Match);

    private bool Match(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var start = Math.Max(0, hit - Before);
        var region = Encoding.Latin1.GetString(bytes[start..Math.Min(bytes.Length, hit + keywordLength + After)]);
        foreach (Match match in _pattern.Value.Matches(region))
        {
            // The match that belongs to this keyword: another one has its own.
            if (match.Length == 0 || start + match.Index > hit || start + match.Index + match.Length < hit)
            {
                continue;
            }

            var secret = match.Groups["secret"] is { Success: true } named ? named : match.Groups.Count > 1 && match.Groups[1].Success ? match.Groups[1] : match;
            var value = bytes.Slice(start + secret.Index, secret.Length);
            if (secret.Length > 0 && Randomness.Entropy(value) >= definition.Entropy && !definition.Allow.Any(a => Glob.IsMatch(a, secret.Value)))
            {
                found = new Found(start + secret.Index, start + secret.Index + secret.Length);
                return true;
            }
        }

        return false;
    }
}
