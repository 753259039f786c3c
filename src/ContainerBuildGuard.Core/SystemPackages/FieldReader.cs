using System.Text;

namespace ContainerBuildGuard.SystemPackages;

/// <summary>
/// The fields of a list of packages, one after the other: <c>Name: value</c> as dpkg and apt write them, <c>N:value</c> as apk does, with a blank line after each package.
/// Reads the bytes as they are: of a list's hundred thousand lines a few thousand matter, and only those become text.
/// </summary>
internal struct FieldReader(ReadOnlyMemory<byte> list)
{
    private readonly ReadOnlyMemory<byte> _list = list.Span.StartsWith(Encoding.UTF8.Preamble) ? list[3..] : list;
    private int _next;
    private int _line;
    private int _begin;
    private int _colon;
    private int _end;

    /// <summary>The line that the paragraph begins in, counted from 1.</summary>
    public int Start { get; private set; } = 1;

    /// <summary>Whether a paragraph ended here and no field was read. There is one such end after every paragraph, the last included.</summary>
    public bool IsEnd { get; private set; } = true;

    public readonly ReadOnlySpan<byte> Name => _list.Span[_begin.._colon];

    public readonly string Value => Encoding.UTF8.GetString(_list.Span[(_colon + 1).._end]).Trim(' ', '\t', '\r');

    /// <summary>Goes to the next field or end of a paragraph. Lines that go on with the field before, and lines that are no field, are passed over.</summary>
    public bool Read()
    {
        if (IsEnd)
        {
            Start = _line + 1;
        }

        var list = _list.Span;
        while (_next < list.Length)
        {
            _begin = _next;
            var rest = list[_begin..];
            var length = rest.IndexOf((byte)'\n');
            (_end, _next) = length < 0 ? (list.Length, list.Length) : (_begin + length, _begin + length + 1);
            _line++;
            var line = rest[..(_end - _begin)];
            if (line.IsEmpty || line[0] is (byte)' ' or (byte)'\t' or (byte)'\r')
            {
                if (line.ContainsAnyExcept(" \t\r"u8))
                {
                    continue;
                }

                IsEnd = true;
                return true;
            }

            if (line.IndexOf((byte)':') is > 0 and var colon)
            {
                (_colon, IsEnd) = (_begin + colon, false);
                return true;
            }
        }

        if (IsEnd)
        {
            return false;
        }

        IsEnd = true;
        return true;
    }
}
