using System.Buffers.Binary;

namespace ContainerBuildGuard.SystemPackages;

/// <summary>The write-ahead log of an SQLite file: the newest committed version of each page that was written to it (file format, section 4).</summary>
internal static class SqliteLog
{
    private const int HeaderBytes = 32;
    private const int FrameBytes = 24;

    /// <exception cref="InvalidDataException">Not a log, or of another page size than its database.</exception>
    public static Dictionary<uint, ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> log, int pageBytes)
    {
        var pages = new Dictionary<uint, ReadOnlyMemory<byte>>();
        if (log.IsEmpty)
        {
            return pages;
        }

        var header = log.Span;
        var magic = header.Length >= HeaderBytes ? BinaryPrimitives.ReadUInt32BigEndian(header) : 0;
        if (magic is not (0x377F0682 or 0x377F0683) || BinaryPrimitives.ReadUInt32BigEndian(header[8..]) != pageBytes)
        {
            throw new InvalidDataException("its write-ahead log is damaged");
        }

        var bigEndian = magic == 0x377F0683;
        var sum = Checksum(header[..24], bigEndian, (0, 0));
        if (sum != (BinaryPrimitives.ReadUInt32BigEndian(header[24..]), BinaryPrimitives.ReadUInt32BigEndian(header[28..])))
        {
            throw new InvalidDataException("the heading of its write-ahead log does not match its checksum");
        }

        var pending = new Dictionary<uint, ReadOnlyMemory<byte>>();
        for (var at = HeaderBytes; at + FrameBytes + pageBytes <= log.Length; at += FrameBytes + pageBytes)
        {
            var frame = log.Span.Slice(at, FrameBytes);
            sum = Checksum(log.Span.Slice(at + FrameBytes, pageBytes), bigEndian, Checksum(frame[..8], bigEndian, sum));
            // A frame of an older round, or half written: here the log ends.
            if (!frame[8..16].SequenceEqual(header[16..24]) || sum != (BinaryPrimitives.ReadUInt32BigEndian(frame[16..]), BinaryPrimitives.ReadUInt32BigEndian(frame[20..])))
            {
                break;
            }

            pending[BinaryPrimitives.ReadUInt32BigEndian(frame)] = log.Slice(at + FrameBytes, pageBytes);
            if (BinaryPrimitives.ReadUInt32BigEndian(frame[4..]) != 0)
            {
                foreach (var (page, bytes) in pending)
                {
                    pages[page] = bytes;
                }

                pending.Clear();
            }
        }

        return pages;
    }

    private static (uint A, uint B) Checksum(ReadOnlySpan<byte> bytes, bool bigEndian, (uint A, uint B) sum)
    {
        for (var i = 0; i + 8 <= bytes.Length; i += 8)
        {
            var (x, y) = bigEndian
                ? (BinaryPrimitives.ReadUInt32BigEndian(bytes[i..]), BinaryPrimitives.ReadUInt32BigEndian(bytes[(i + 4)..]))
                : (BinaryPrimitives.ReadUInt32LittleEndian(bytes[i..]), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i + 4)..]));
            sum.A += x + sum.B;
            sum.B += y + sum.A;
        }

        return sum;
    }
}
