using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>A secret that was found: never its value, only what may be shown.</summary>
internal readonly record struct SecretMatch(SecretDetector Detector, int Line, string Preview, long Position);

/// <summary>Looks for secrets in one piece of content. A search for all keywords at once comes first; patterns run only where one occurs.</summary>
internal static class SecretScanner
{
    /// <summary>Detectors and their keywords by where they apply: fewer keywords, fewer false starts.</summary>
    private static readonly (ImmutableArray<SecretDetector> Detectors, SearchValues<string> Keywords)[] Sets =
        [SetOf(binary: false, app: false), SetOf(binary: false, app: true), SetOf(binary: true, app: false), SetOf(binary: true, app: true)];

    /// <summary>Scans bytes: text as it is, UTF-16 text and the UTF-16 strings of .NET assemblies decoded too.</summary>
    public static List<SecretMatch> Scan(ReadOnlySpan<byte> bytes, bool app)
    {
        var matches = new List<SecretMatch>();
        var binary = IsBinary(bytes);
        ScanText(Encoding.Latin1.GetString(bytes), binary, app, matches);
        if (binary && (app || LooksUtf16(bytes)))
        {
            // Both alignments: a string in an assembly's heap begins anywhere.
            for (var start = 0; start < 2; start++)
            {
                var even = bytes[start..];
                ScanText(Encoding.Unicode.GetString(even[..(even.Length & ~1)]), binary: !LooksUtf16(bytes), app, matches);
            }
        }

        return matches;
    }

    /// <summary>Scans text.</summary>
    public static List<SecretMatch> Scan(string text, bool app)
    {
        var matches = new List<SecretMatch>();
        ScanText(text, binary: false, app, matches);
        return matches;
    }

    private static void ScanText(string text, bool binary, bool app, List<SecretMatch> matches)
    {
        var (detectors, keywords) = Sets[(binary ? 2 : 0) + (app ? 1 : 0)];
        var first = text.AsSpan().IndexOfAny(keywords);
        if (first < 0)
        {
            return;
        }

        // Patterns look around a keyword, not over the whole text: regions of a few kilobytes, merged where they touch.
        foreach (var (start, end) in Regions(text, first, keywords))
        {
            var region = text.Substring(start, end - start);
            foreach (var detector in detectors)
            {
                if (!detector.Keywords.Any(k => region.Contains(k, StringComparison.OrdinalIgnoreCase)))
                {
                    continue;
                }

                foreach (System.Text.RegularExpressions.Match match in detector.Pattern.Matches(region))
                {
                    var secret = match.Groups["s"].Value;
                    if (!Placeholders.IsPlaceholder(secret) && (detector.Entropy <= 0 || Placeholders.Entropy(secret) >= detector.Entropy))
                    {
                        var position = start + match.Groups["s"].Index;
                        matches.Add(new SecretMatch(detector, 1 + text.AsSpan(0, position).Count('\n'), Redaction.Preview(secret), position));
                    }
                }
            }
        }
    }

    private static List<(int Start, int End)> Regions(string text, int first, SearchValues<string> keywords)
    {
        const int Before = 512;
        const int After = 4096;
        var regions = new List<(int Start, int End)>();
        for (var at = first; at >= 0;)
        {
            var (start, end) = (Math.Max(0, at - Before), Math.Min(text.Length, at + After));
            if (regions.Count > 0 && start <= regions[^1].End)
            {
                regions[^1] = (regions[^1].Start, end);
            }
            else
            {
                regions.Add((start, end));
            }

            var next = text.AsSpan(at + 1).IndexOfAny(keywords);
            at = next < 0 ? -1 : at + 1 + next;
        }

        return regions;
    }

    private static (ImmutableArray<SecretDetector> Detectors, SearchValues<string> Keywords) SetOf(bool binary, bool app)
    {
        ImmutableArray<SecretDetector> detectors = [.. SecretDetectors.All.Where(d => d.Applies(binary, app))];
        return (detectors, SearchValues.Create([.. detectors.SelectMany(d => d.Keywords).Distinct()], StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsBinary(ReadOnlySpan<byte> bytes) => bytes[..Math.Min(bytes.Length, 8192)].Contains((byte)0);

    private static bool LooksUtf16(ReadOnlySpan<byte> bytes) => bytes.StartsWith<byte>([0xFF, 0xFE]);
}
