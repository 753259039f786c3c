using System.Buffers;

namespace ContainerBuildGuard.Images;

/// <summary>One challenge of a <c>WWW-Authenticate</c> header (RFC 9110, section 11.6.1). A line may hold several, and quoted values may hold commas.</summary>
/// <param name="Scheme">The scheme as written: <c>Basic</c>, <c>Bearer</c>.</param>
/// <param name="Parameters">Its parameters; names in lower case, the first of several counts.</param>
internal sealed record AuthenticationChallenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    private const int MaxCharacters = 16 << 10;
    private const int MaxChallenges = 16;
    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    private static readonly SearchValues<char> Token68Characters = SearchValues.Create("-._~+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public bool Is(string scheme) => Scheme.Equals(scheme, StringComparison.OrdinalIgnoreCase);

    /// <summary>The challenges in order; what cannot be read ends the list, and is no error.</summary>
    public static IReadOnlyList<AuthenticationChallenge> Parse(IEnumerable<string> lines)
    {
        var challenges = new List<AuthenticationChallenge>();
        foreach (var line in lines.Where(l => l.Length <= MaxCharacters))
        {
            var rest = line.AsSpan();
            while (challenges.Count < MaxChallenges && ReadChallenge(ref rest) is { } challenge)
            {
                challenges.Add(challenge);
            }
        }

        return challenges;
    }

    private static AuthenticationChallenge? ReadChallenge(ref ReadOnlySpan<char> rest)
    {
        SkipSeparators(ref rest);
        var scheme = ReadToken(ref rest);
        if (scheme.Length == 0)
        {
            return null;
        }

        SkipToken68(ref rest);
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        while (true)
        {
            // A name that no '=' follows begins the next challenge.
            var ahead = rest;
            SkipSeparators(ref ahead);
            var name = ReadToken(ref ahead);
            ahead = ahead.TrimStart();
            if (name.Length == 0 || ahead is not ['=', ..])
            {
                return new AuthenticationChallenge(scheme, parameters);
            }

            ahead = ahead[1..].TrimStart();
            if (ReadValue(ref ahead) is not { } value)
            {
                rest = [];
                return new AuthenticationChallenge(scheme, parameters);
            }

            parameters.TryAdd(name.ToLowerInvariant(), value);
            rest = ahead;
        }
    }

    /// <summary>A scheme may be followed by one value without a name (RFC 9110, section 11.2): letters and digits, ended by any number of '='.</summary>
    private static void SkipToken68(ref ReadOnlySpan<char> rest)
    {
        var ahead = rest.TrimStart(' ');
        var end = ahead.IndexOfAnyExcept(Token68Characters);
        var after = (end < 0 ? [] : ahead[end..]).TrimStart('=');
        if (end != 0 && ahead.Length < rest.Length && after.TrimStart() is [] or [',', ..])
        {
            rest = after;
        }
    }

    /// <summary>A token or a quoted string; null where a quoted string does not end.</summary>
    private static string? ReadValue(ref ReadOnlySpan<char> rest)
    {
        if (rest is not ['"', ..])
        {
            return ReadToken(ref rest);
        }

        var value = new System.Text.StringBuilder();
        for (var i = 1; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                return value.ToString();
            }

            i += rest[i] == '\\' && i + 1 < rest.Length ? 1 : 0;
            value.Append(rest[i]);
        }

        return null;
    }

    private static string ReadToken(ref ReadOnlySpan<char> rest)
    {
        var end = rest.IndexOfAnyExcept(TokenCharacters);
        var token = end < 0 ? rest : rest[..end];
        rest = rest[token.Length..];
        return token.ToString();
    }

    private static void SkipSeparators(ref ReadOnlySpan<char> rest) => rest = rest.TrimStart(" \t,");
}
