using System.Text;
using System.Text.RegularExpressions;

namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>A shell pattern of target paths (TUF specification, section 4.5): <c>*</c> and <c>?</c> stay inside one part of the path.</summary>
internal sealed class TufPathPattern(string pattern)
{
    private readonly Regex _regex = new(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    public bool Matches(string path) => _regex.IsMatch(path);

    private static string Translate(string pattern)
    {
        var regex = new StringBuilder("^");
        for (var i = 0; i < pattern.Length; i++)
        {
            var close = pattern[i] == '[' ? pattern.IndexOf(']', i + 1) : -1;
            if (close > i + 1)
            {
                var set = pattern[(i + 1)..close].Replace("\\", "\\\\", StringComparison.Ordinal);
                regex.Append('[').Append(set[0] == '!' ? string.Concat("^", set.AsSpan(1)) : set).Append(']');
                i = close;
            }
            else
            {
                regex.Append(pattern[i] switch { '*' => "[^/]*", '?' => "[^/]", var c => Regex.Escape(c.ToString()) });
            }
        }

        return regex.Append("\\z").ToString();
    }
}
