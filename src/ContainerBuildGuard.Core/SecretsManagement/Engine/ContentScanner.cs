
namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Scans a window of a file in every reading it has: as it is, as UTF-16, and what it encodes. Turns places into matches without values.</summary>
internal sealed class ContentScanner(SecretScanner scanner)
{
    private const int MostPerFile = 200;

    /// <summary>Matches in <paramref name="bytes"/>, which begin at <paramref name="offset"/> of the file.</summary>
    public List<SecretMatch> Scan(ReadOnlySpan<byte> bytes, FileContext file, long offset = 0)
    {
        if (offset == 0)
        {
            file = Sniffed(bytes, file);
        }

        var matches = new List<SecretMatch>();
        if (Utf16.IsText(bytes))
        {
            // Two bytes become one: places are those in the text, doubled.
            var text = Utf16.ToUtf8(bytes);
            Take(text, scanner.Scan(text, file with { IsBinary = false }), 2, offset, matches);
            return matches;
        }

        Take(bytes, scanner.Scan(bytes, file), 1, offset, matches);
        if (file.IsBinary)
        {
            if (Utf16.Strings(bytes) is { Length: > 0 } strings)
            {
                Take(strings, scanner.Scan(strings, file with { IsBinary = !file.IsApp, OnlyConnectionStrings = true }), 0, offset, matches);
            }
        }

        return matches;
    }

    /// <summary>What the first bytes say: text or not, written by a person or not.</summary>
    public static FileContext Sniffed(ReadOnlySpan<byte> bytes, FileContext file)
    {
        var head = bytes[..Math.Min(bytes.Length, 8192)];
        var isBinary = head.Contains((byte)0) && !Utf16.IsText(bytes);
        var isScript = file.Name.EndsWith(".js", StringComparison.OrdinalIgnoreCase) || file.Name.EndsWith(".css", StringComparison.OrdinalIgnoreCase) || file.Name.EndsWith(".map", StringComparison.OrdinalIgnoreCase) || file.Name.EndsWith(".mjs", StringComparison.OrdinalIgnoreCase);
        return file with { IsBinary = isBinary, IsMinified = isScript && head.Length > 2000 && head.Length / (1 + head.Count((byte)'\n')) > 300 };
    }

    private static void Take(ReadOnlySpan<byte> bytes, List<RawMatch> raw, int bytesPerByte, long offset, List<SecretMatch> matches)
    {
        var (line, counted) = (1, 0);
        foreach (var match in raw.Take(MostPerFile))
        {
            line += bytes[counted..match.Found.Start].Count((byte)'\n');
            counted = match.Found.Start;
            matches.Add(ToMatch(bytes, match, bytesPerByte == 0 ? 1 : line, offset + (match.Found.Start * bytesPerByte)));
        }
    }

    private static SecretMatch ToMatch(ReadOnlySpan<byte> bytes, RawMatch match, int line, long position)
    {
        var (detector, found) = match;
        var severity = found.Doubtful ? SecretsRules.NamedSecret.DefaultSeverity : found.Severity ?? detector.Rule.DefaultSeverity;
        return new SecretMatch(detector.Id, severity, line, Redaction.Preview(bytes[found.Start..found.End]), position, found.End - found.Start) { Note = found.Note, IsDoubtful = found.Doubtful };
    }
}
