using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Matches tokens by their <see cref="Shape"/>; reads the shape's notation when its keyword first occurs.</summary>
internal sealed class TokenMatcher(string notation, TokenCheck? check, double entropy)
{
    private Shape? _shape;

    public bool Match(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found)
    {
        found = default;
        var shape = _shape ??= ShapeParser.Parse(notation);
        if (!shape.TryMatch(bytes, hit, keywordLength, out var start, out var end))
        {
            return false;
        }

        var token = bytes[start..end];
        var result = check?.Invoke(token) ?? TokenCheckResult.Nothing;
        if (result != TokenCheckResult.Valid && (Randomness.Entropy(token) < entropy || Placeholders.IsFiller(token) || KnownPublicValues.Contain(token) || IsPartOfBlob(bytes, start, end)))
        {
            return false;
        }

        found = new Found(start, end) { Doubtful = result == TokenCheckResult.Invalid };
        return result != TokenCheckResult.Invalid || !file.IsBinary;
    }

    /// <summary>Prefixes of a few letters occur by chance in long base64.</summary>
    private static bool IsPartOfBlob(ReadOnlySpan<byte> bytes, int start, int end)
    {
        const int Blob = 48;
        var before = ByteSet.Base64.Suffix(bytes[Math.Max(0, start - Blob)..start]);
        var after = ByteSet.Base64.Prefix(bytes[end..Math.Min(bytes.Length, end + Blob)]);
        return before + after >= Blob;
    }
}

/// <summary>Writes the rows of one rule's detector table.</summary>
internal sealed class DetectorFamily(Rule rule)
{
    /// <summary>A token with a shape of its own.</summary>
    public SecretDetector Token(string id, string description, string notation, TokenCheck? check = null, double entropy = 2.6, SecretScope scope = SecretScope.Everywhere, bool ignoreCase = false) =>
        new(id, rule, description, Keywords(ignoreCase, ShapeParser.Anchors(notation)), new TokenMatcher(notation, check, entropy).Match) { Scope = scope, Notation = notation };

    /// <summary>Something that needs more than a shape.</summary>
    public SecretDetector Custom(string id, string description, SecretMatcher match, SecretScope scope, bool ignoreCase, params string[] keywords) =>
        new(id, rule, description, Keywords(ignoreCase, keywords), match) { Scope = scope };

    private static ImmutableArray<Keyword> Keywords(bool ignoreCase, string[] anchors) => [.. anchors.Select(a => new Keyword(a, ignoreCase))];
}
