namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Scans a file in every reading it has: as it is, as UTF-16, what it encodes, and what is packed in it. Turns places into matches without values.</summary>
internal sealed class ContentScanner(SecretScanner scanner, SecretBaseline? baseline = null, LiveVerification? live = null)
{
    private const int MostPerFile = 200;
    private const int MostEncodings = 2;

    /// <summary>Matches in a whole file, and in the archives and assemblies that it is made of; <paramref name="unread"/> is told what could not be looked into.</summary>
    public List<SecretMatch> ScanWhole(ReadOnlyMemory<byte> bytes, FileContext file, Action<string> unread)
    {
        var matches = Scan(bytes, file);
        foreach (var password in file.IsApp ? SecretFiles.Passwords(bytes, file) : [])
        {
            var (start, length) = password.GetOffsetAndLength(bytes.Length);
            matches.Add(new SecretMatch(SecretFiles.PasswordFile, SecretsRules.CredentialFile.DefaultSeverity, 1 + bytes.Span[..start].Count((byte)'\n'), Redaction.Preview(bytes.Span.Slice(start, length)), start, length)
            {
                Fingerprint = baseline?.Fingerprint(bytes.Span.Slice(start, length)),
            });
        }

        if (KeyStores.Match(bytes.Span, file) is { } store)
        {
            matches.Add(store with { Fingerprint = baseline?.Fingerprint(bytes.Span) });
        }

        if (Archives.IsOne(bytes.Span))
        {
            if (file.Depth >= Archives.MostDepth)
            {
                unread($"archives are nested deeper than {Archives.MostDepth}");
            }
            else
            {
                Archives.Read(bytes, (name, content) => Inner($"!{name}", name.Length > 0 ? name : Path.GetFileNameWithoutExtension(file.Name), content), unread);
            }
        }
        else if (file.IsApp && AssemblyResources.IsAssembly(bytes.Span))
        {
            AssemblyResources.Read(bytes, (name, content) => Inner($"!{name}", name, content));
        }

        return matches;

        void Inner(string inside, string name, ReadOnlyMemory<byte> content) =>
            matches.AddRange(ScanWhole(content, file with { Path = name, Depth = file.Depth + 1, IsBinary = false, IsUtf16 = false, IsMinified = false, Guessed = FileSyntax.Text }, unread).Select(m => m with { Inside = inside + m.Inside }));
    }

    /// <summary>Matches in a window of a file that begins at <paramref name="offset"/>.</summary>
    public List<SecretMatch> Scan(ReadOnlyMemory<byte> window, FileContext file, long offset = 0)
    {
        var bytes = window.Span;
        if (offset == 0)
        {
            file = Sniffed(bytes, file);
        }

        var matches = new List<SecretMatch>();
        if (file.IsUtf16)
        {
            // Two bytes become one: places are those in the text, doubled.
            var text = Utf16.ToUtf8(bytes[(int)(offset & 1)..], file.IsBigEndian);
            Take(text, scanner.Scan(text, file with { IsUtf16 = false, Guessed = offset == 0 ? SyntaxGuess.Of(text.AsSpan(0, Math.Min(text.Length, 8192))) : file.Guessed }), 2, offset, matches, file);
            return matches;
        }

        Take(bytes, scanner.Scan(bytes, file), 1, offset, matches, file);
        if (file.IsBinary)
        {
            if (Utf16.Strings(bytes) is { Length: > 0 } strings)
            {
                Take(strings, scanner.Scan(strings, file with { IsBinary = !file.IsApp, OnlyConnectionStrings = true }), 0, offset, matches, file);
            }
        }
        else if (file.HasAssignments)
        {
            Decoded(window, file, offset, matches);
        }

        return matches;
    }

    /// <summary>What the first bytes say: text or not, written by a person or not.</summary>
    public static FileContext Sniffed(ReadOnlySpan<byte> bytes, FileContext file)
    {
        var head = bytes[..Math.Min(bytes.Length, 8192)];
        var isUtf16 = Utf16.IsText(bytes, out var isBigEndian);
        var isBinary = head.Contains((byte)0) && !isUtf16;
        var isScript = Path.GetExtension(file.Name).ToLowerInvariant() is ".js" or ".mjs" or ".css" or ".map";
        return file with { IsBinary = isBinary, IsUtf16 = isUtf16, IsBigEndian = isBigEndian, Guessed = isBinary || isUtf16 || !file.IsApp || file.Syntax != FileSyntax.Text ? FileSyntax.Text : SyntaxGuess.Of(head), IsMinified = isScript && head.Length > 2000 && head.Length / (1 + head.Count((byte)'\n')) > 300 };
    }

    private void Decoded(ReadOnlyMemory<byte> window, FileContext file, long offset, List<SecretMatch> matches)
    {
        var lines = new LineCounter(window.Span);
        if (Encodings.Unescape(window.Span) is { } unescaped)
        {
            var more = new List<SecretMatch>();
            Take(unescaped, scanner.Scan(unescaped, file), 1, offset, more, file);
            matches.AddRange(more.Where(m => !matches.Exists(known => known.Line == m.Line && (known.Preview == m.Preview || known.DetectorId == m.DetectorId))));
        }

        if (file.Depth >= MostEncodings)
        {
            return;
        }

        foreach (var (start, length) in Encodings.Runs(window))
        {
            var line = lines.LineOf(window.Span, start);
            if (AzureDevOpsToken.IsIssued(window.Span.Slice(start, length)))
            {
                matches.RemoveAll(known => known.Position < offset + start + length && known.Position + known.Length > offset + start);
                matches.Add(ToMatch(window.Span, new RawMatch(scanner.Find(AzureDevOpsToken.Id), new Found(start, start + length)), line, offset + start) with { Allowed = InlineAllowance.Of(window.Span, start, SecretsRules.SourceControlToken.Code) });
                continue;
            }

            if (Encodings.Decode(window.Span.Slice(start, length)) is not { } text)
            {
                continue;
            }

            var inner = Scan(text, file with { Path = "", Depth = file.Depth + 1 }).ConvertAll(m => m with { Line = line, Position = offset + start, Length = text.Length });
            matches.AddRange(inner.Where(m => !matches.Exists(known => known.Line == line)));
        }
    }

    private void Take(ReadOnlySpan<byte> bytes, List<RawMatch> raw, int bytesPerByte, long offset, List<SecretMatch> matches, FileContext file)
    {
        var lines = new LineCounter(bytes);
        foreach (var match in raw.Take(MostPerFile))
        {
            var line = bytesPerByte == 0 ? 1 : lines.LineOf(bytes, match.Found.Start);
            matches.Add(ToMatch(bytes, match, line, offset + (match.Found.Start * bytesPerByte)) with { Allowed = file.IsApp && !file.IsBinary ? InlineAllowance.Of(bytes, match.Found.Start, CodeOf(match)) : null });
        }
    }

    private static string CodeOf(RawMatch match) => (match.Found.Doubtful ? SecretsRules.NamedSecret : match.Detector.Rule).Code;

    private SecretMatch ToMatch(ReadOnlySpan<byte> bytes, RawMatch match, int line, long position)
    {
        var (detector, found) = match;
        var severity = found.Doubtful ? SecretsRules.NamedSecret.DefaultSeverity : found.Severity ?? detector.Rule.DefaultSeverity;
        return new SecretMatch(detector.Id, severity, line, Redaction.Preview(bytes[found.Start..found.End]), position, found.End - found.Start) 
        {
            Note = found.Note,
            IsDoubtful = found.Doubtful,
            Fingerprint = baseline?.Fingerprint(bytes[found.Start..found.End]),
            Credential = live?.Read(detector.Id, bytes, found),
        };
    }

    /// <summary>Counts lines up to places that come in order.</summary>
    private ref struct LineCounter(ReadOnlySpan<byte> bytes)
    {
        private readonly int _length = bytes.Length;
        private int _line = 1;
        private int _counted;

        public int LineOf(ReadOnlySpan<byte> text, int position)
        {
            if (position > _counted && position <= _length)
            {
                _line += text[_counted..position].Count((byte)'\n');
                _counted = position;
            }

            return _line;
        }
    }
}
