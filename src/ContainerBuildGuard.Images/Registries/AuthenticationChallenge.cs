using System.Text.RegularExpressions;

namespace ContainerBuildGuard.Images;

/// <summary>The parameters of a <c>WWW-Authenticate</c> challenge (RFC 9110, section 11.6.1).</summary>
internal static partial class AuthenticationChallenge
{
    public static IReadOnlyDictionary<string, string> Parse(string? parameters) =>
        Parameter().Matches(parameters ?? "")
            .DistinctBy(m => m.Groups[1].Value.ToLowerInvariant())
            .ToDictionary(m => m.Groups[1].Value.ToLowerInvariant(), m => m.Groups[2].Success ? m.Groups[2].Value : m.Groups[3].Value, StringComparer.Ordinal);

    [GeneratedRegex("""([A-Za-z_]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))""", RegexOptions.NonBacktracking)]
    private static partial Regex Parameter();
}
