namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>One document's part of a stream: half-open range of characters, and the one-based line it begins on.</summary>
internal readonly record struct DocumentPart(int Start, int End, int FirstLine)
{
    public string Text(SourceText source) => source.Text[Start..End];
}

/// <summary>Cuts a YAML stream at its document markers. A line that begins with <c>---</c> ends whatever stands before it (YAML 1.2.2, 9.1.2).</summary>
internal static class DocumentSplitter
{
    public static IEnumerable<DocumentPart> Split(string text)
    {
        var (start, line, firstLine, content) = (0, 1, 1, false);
        for (var at = 0; at < text.Length; line++)
        {
            var end = text.IndexOf('\n', at) is var newline && newline < 0 ? text.Length : newline + 1;
            if (IsMarker(text.AsSpan(at, end - at), "---"))
            {
                if (content)
                {
                    yield return new DocumentPart(start, at, firstLine);
                }

                (start, firstLine, content) = (at, line, false);
                content = HasContent(text.AsSpan(at + 3, end - at - 3), "#");
            }
            else if (IsMarker(text.AsSpan(at, end - at), "..."))
            {
                if (content)
                {
                    yield return new DocumentPart(start, at, firstLine);
                }

                (start, firstLine, content) = (end, line + 1, false);
            }
            else
            {
                content |= HasContent(text.AsSpan(at, end - at), "#%");
            }

            at = end;
        }

        if (content)
        {
            yield return new DocumentPart(start, text.Length, firstLine);
        }
    }

    private static bool HasContent(ReadOnlySpan<char> row, string otherwise) => row.TrimStart('\uFEFF').Trim() is { IsEmpty: false } rest && !otherwise.Contains(rest[0], StringComparison.Ordinal);

    private static bool IsMarker(ReadOnlySpan<char> row, string marker) =>
        row.StartsWith(marker) && (row.Length == marker.Length || char.IsWhiteSpace(row[marker.Length]));
}
