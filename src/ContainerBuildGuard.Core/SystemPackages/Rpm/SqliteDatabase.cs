using System.Buffers.Binary;
using System.Text;

namespace ContainerBuildGuard.SystemPackages;

/// <summary>Reads tables of an SQLite file, its write-ahead log included (SQLite file format 3, https://www.sqlite.org/fileformat2.html). Only what rpm's database needs: ordinary tables and their rows.</summary>
internal sealed class SqliteDatabase
{
    private const int MaxDepth = 40;
    private readonly byte[] _file;
    private readonly Dictionary<uint, ReadOnlyMemory<byte>> _log;
    private readonly int _pageBytes;
    private readonly int _usable;

    /// <remarks><c>log</c>: the write-ahead log beside the file; empty where there is none.</remarks>
    /// <exception cref="InvalidDataException">Not an SQLite file.</exception>
    public SqliteDatabase(byte[] file, ReadOnlyMemory<byte> log)
    {
        _file = file;
        if (file.Length < 100 || !file.AsSpan().StartsWith("SQLite format 3\0"u8))
        {
            throw new InvalidDataException("it is no SQLite file");
        }

        _pageBytes = BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(16)) is var size && size == 1 ? 65536 : size;
        _usable = _pageBytes - file[20];
        if (_pageBytes < 512 || (_pageBytes & (_pageBytes - 1)) != 0 || _usable < 480)
        {
            throw new InvalidDataException($"it has an impossible page size ({_pageBytes})");
        }

        _log = SqliteLog.Read(log, _pageBytes);
    }

    /// <summary>The values of one column of every row: blobs, or null where the column holds something else.</summary>
    /// <exception cref="InvalidDataException">The table is not there, or its pages are damaged.</exception>
    public IEnumerable<byte[]?> Blobs(string table, int column)
    {
        var root = Rows(1).Select(r => Columns(r)).FirstOrDefault(c => c.Count > 3 && Text(c[0]) == "table" && string.Equals(Text(c[1]), table, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidDataException($"it has no table '{table}'");
        return Rows((uint)Integer(root[3])).Select(r => Columns(r)).Select(c => c.Count > column && c[column] is { Type: >= 12 } value && value.Type % 2 == 0 ? value.Bytes.ToArray() : null);
    }

    private long Bytes => _file.Length + (_log.Count * (long)_pageBytes);

    private ReadOnlyMemory<byte> Page(uint number)
    {
        if (_log.TryGetValue(number, out var logged))
        {
            return logged;
        }

        var at = (number - 1L) * _pageBytes;
        return number > 0 && at + _pageBytes <= _file.Length ? _file.AsMemory((int)at, _pageBytes) : throw new InvalidDataException($"page {number} is outside the file");
    }

    private IEnumerable<byte[]> Rows(uint root)
    {
        var stack = new Stack<(uint Page, int Depth)>([(root, 0)]);
        var seen = new HashSet<uint>();
        var total = 0L;
        while (stack.TryPop(out var next))
        {
            if (next.Depth > MaxDepth || !seen.Add(next.Page))
            {
                throw new InvalidDataException($"its pages form a loop (page {next.Page})");
            }

            var page = Page(next.Page);
            var head = next.Page == 1 ? 100 : 0;
            var (type, cells) = (page.Span[head], BinaryPrimitives.ReadUInt16BigEndian(page.Span[(head + 3)..]));
            if (type is not (0x05 or 0x0D))
            {
                throw new InvalidDataException($"page {next.Page} is no table page");
            }

            var pointers = head + (type == 0x05 ? 12 : 8);
            if (pointers + (cells * 2) > page.Length)
            {
                throw new InvalidDataException($"page {next.Page} claims {cells} cells");
            }

            if (type == 0x05)
            {
                stack.Push((BinaryPrimitives.ReadUInt32BigEndian(page.Span[(head + 8)..]), next.Depth + 1));
            }

            for (var i = 0; i < cells; i++)
            {
                var at = BinaryPrimitives.ReadUInt16BigEndian(page.Span[(pointers + (i * 2))..]);
                if (at > page.Length - 4)
                {
                    throw new InvalidDataException($"a cell of page {next.Page} is outside it");
                }

                if (type == 0x05)
                {
                    stack.Push((BinaryPrimitives.ReadUInt32BigEndian(page.Span[at..]), next.Depth + 1));
                }
                else
                {
                    var payload = Payload(page, at);
                    total += payload.Length;
                    yield return total <= Bytes ? payload : throw new InvalidDataException("its rows claim more bytes than the file has");
                }
            }
        }
    }

    /// <summary>A row's bytes, put together from the cell and its overflow pages.</summary>
    private byte[] Payload(ReadOnlyMemory<byte> page, int at)
    {
        var cell = page.Span[at..];
        var length = Varint(ref cell);
        Varint(ref cell);
        if (length > (ulong)Bytes)
        {
            throw new InvalidDataException($"a row claims {length} bytes");
        }

        var most = _usable - 35;
        var local = (int)length;
        if (local > most)
        {
            var least = ((_usable - 12) * 32 / 255) - 23;
            var fit = least + ((local - least) % (_usable - 4));
            local = fit <= most ? fit : least;
        }

        if (cell.Length < local)
        {
            throw new InvalidDataException("a row is cut off");
        }

        var payload = new byte[length];
        cell[..local].CopyTo(payload);
        if (local < payload.Length)
        {
            var next = cell.Length >= local + 4 ? BinaryPrimitives.ReadUInt32BigEndian(cell[local..]) : throw new InvalidDataException("a row is cut off");
            for (var filled = local; filled < payload.Length;)
            {
                var overflow = Page(next).Span;
                var count = Math.Min(_usable - 4, payload.Length - filled);
                overflow.Slice(4, count).CopyTo(payload.AsSpan(filled));
                filled += count;
                next = BinaryPrimitives.ReadUInt32BigEndian(overflow);
            }
        }

        return payload;
    }

    private static List<(ulong Type, ReadOnlyMemory<byte> Bytes)> Columns(byte[] payload)
    {
        ReadOnlySpan<byte> head = payload;
        var headBytes = Varint(ref head);
        if (headBytes > (ulong)payload.Length)
        {
            throw new InvalidDataException("a row's heading is cut off");
        }

        var columns = new List<(ulong, ReadOnlyMemory<byte>)>();
        var at = (long)headBytes;
        while (payload.Length - head.Length < (int)headBytes)
        {
            var type = Varint(ref head);
            var length = type switch { 0 or 8 or 9 => 0UL, <= 4 => type, 5 => 6UL, 6 or 7 => 8UL, >= 12 => (type - 12) / 2, _ => throw new InvalidDataException("a row has a column of no known type") };
            columns.Add((type, at + (long)length <= payload.Length ? payload.AsMemory((int)at, (int)length) : throw new InvalidDataException("a row's column is cut off")));
            at += (long)length;
        }

        return columns;
    }

    private static string Text((ulong Type, ReadOnlyMemory<byte> Bytes) column) => column.Type >= 13 && column.Type % 2 == 1 ? Encoding.UTF8.GetString(column.Bytes.Span) : "";

    private static long Integer((ulong Type, ReadOnlyMemory<byte> Bytes) column)
    {
        var value = 0L;
        foreach (var b in column.Bytes.Span)
        {
            value = (value << 8) | b;
        }

        return value;
    }

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var i = 0; i < 9; i++)
        {
            if (i >= bytes.Length)
            {
                throw new InvalidDataException("a number is cut off");
            }

            value = i == 8 ? (value << 8) | bytes[i] : (value << 7) | (uint)(bytes[i] & 0x7F);
            if (bytes[i] < 0x80 || i == 8)
            {
                bytes = bytes[(i + 1)..];
                break;
            }
        }

        return value;
    }
}
