using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>One file of a zip, as the zip's directory describes it.</summary>
internal readonly record struct ZipRecord(string Name, long HeaderOffset, long CompressedBytes, long Bytes, ushort Method);

/// <summary>
/// The files of a zip, read from its directory as they are asked for, and inflated by as many threads as want to (APPNOTE 6.3.10, Zip64 included).
/// The framework's reader keeps an object for every entry, of which the large databases have a million, and inflates one at a time.
/// </summary>
internal sealed class ZipRecords : IDisposable
{
    private const int EndBytes = 22;
    private const int EntryBytes = 46;
    private const int LocalBytes = 30;
    private const int MaxComment = ushort.MaxValue;
    private readonly SafeFileHandle _file;
    private readonly long _directory;
    private readonly long _directoryEnd;

    /// <exception cref="InvalidDataException">No zip, or one that is cut off.</exception>
    public ZipRecords(string path)
    {
        _file = File.OpenHandle(path);
        try
        {
            (Count, _directory, _directoryEnd) = FindDirectory(RandomAccess.GetLength(_file));
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public long Count { get; }

    public void Dispose() => _file.Dispose();

    /// <summary>The directory's entries in order, folders included.</summary>
    /// <exception cref="InvalidDataException">The directory is damaged, or holds another number of entries than it says.</exception>
    public IEnumerable<ZipRecord> List()
    {
        var window = new byte[1 << 17];
        var (at, start, end) = (_directory, 0, 0);
        for (var i = 0L; i < Count; i++)
        {
            // The fixed part says how long the whole is.
            Fill(EntryBytes);
            var length = EntryLength(window.AsSpan(start));
            Fill(length);
            yield return Entry(window.AsSpan(start, length));
            start += length;
        }

        void Fill(int needed)
        {
            if (end - start >= needed)
            {
                return;
            }

            window.AsSpan(start, end - start).CopyTo(window);
            (start, end) = (0, end - start);
            Array.Resize(ref window, Math.Max(window.Length, needed));
            while (end < needed)
            {
                var count = RandomAccess.Read(_file, window.AsSpan(end, (int)Math.Min(window.Length - end, _directoryEnd - at)), at);
                (at, end) = count > 0 ? (at + count, end + count) : throw new InvalidDataException("its directory ends early");
            }
        }
    }

    /// <summary>The content of one file; safe for several threads.</summary>
    /// <exception cref="InvalidDataException">It is stored in a way that OSV's zips do not use, is cut off, or inflates to another length than the directory says.</exception>
    public byte[] Read(ZipRecord record)
    {
        Span<byte> local = stackalloc byte[LocalBytes];
        ReadExactly(local, record.HeaderOffset);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != 0x04034b50)
        {
            throw new InvalidDataException($"{record.Name} is not where the directory says");
        }

        var at = record.HeaderOffset + LocalBytes + BinaryPrimitives.ReadUInt16LittleEndian(local[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(local[28..]);
        var content = GC.AllocateUninitializedArray<byte>(checked((int)record.Bytes));
        if (record.Method == 0)
        {
            if (record.CompressedBytes != record.Bytes)
            {
                throw new InvalidDataException($"{record.Name} has two lengths");
            }

            ReadExactly(content, at);
            return content;
        }

        if (record.Method != 8)
        {
            throw new InvalidDataException($"{record.Name} is compressed by method {record.Method}, which OSV's zips do not use");
        }

        var compressed = ArrayPool<byte>.Shared.Rent(checked((int)record.CompressedBytes));
        try
        {
            ReadExactly(compressed.AsSpan(0, (int)record.CompressedBytes), at);
            using var inflater = new DeflateStream(new MemoryStream(compressed, 0, (int)record.CompressedBytes, writable: false), CompressionMode.Decompress);
            // The length is the zip's claim: what inflates beyond it, or ends before, is refused.
            inflater.ReadExactly(content);
            return inflater.ReadByte() < 0 ? content : throw new InvalidDataException($"{record.Name} inflates to more than the {record.Bytes} bytes that the zip says");
        }
        catch (EndOfStreamException)
        {
            throw new InvalidDataException($"{record.Name} ends early");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }

    private static int EntryLength(ReadOnlySpan<byte> entry) => EntryBytes + BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]) + BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]) + BinaryPrimitives.ReadUInt16LittleEndian(entry[32..]);

    private static ZipRecord Entry(ReadOnlySpan<byte> entry)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(entry) != 0x02014b50)
        {
            throw new InvalidDataException("its directory is damaged");
        }

        var (compressed, bytes, offset) = ((long)BinaryPrimitives.ReadUInt32LittleEndian(entry[20..]), (long)BinaryPrimitives.ReadUInt32LittleEndian(entry[24..]), (long)BinaryPrimitives.ReadUInt32LittleEndian(entry[42..]));
        var (nameLength, extraLength) = (BinaryPrimitives.ReadUInt16LittleEndian(entry[28..]), BinaryPrimitives.ReadUInt16LittleEndian(entry[30..]));
        var extra = entry.Slice(EntryBytes + nameLength, extraLength);
        while (extra.Length >= 4 && BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]) is var length && length + 4 <= extra.Length)
        {
            if (BinaryPrimitives.ReadUInt16LittleEndian(extra) == 1)
            {
                // Only the values that do not fit stand here, in this order.
                var values = extra.Slice(4, length);
                bytes = Wide(ref values, bytes);
                compressed = Wide(ref values, compressed);
                offset = Wide(ref values, offset);
            }

            extra = extra[(length + 4)..];
        }

        return new ZipRecord(Encoding.UTF8.GetString(entry.Slice(EntryBytes, nameLength)), offset, compressed, bytes, BinaryPrimitives.ReadUInt16LittleEndian(entry[10..]));
    }

    private static long Wide(ref ReadOnlySpan<byte> values, long narrow)
    {
        if (narrow != uint.MaxValue || values.Length < 8)
        {
            return narrow;
        }

        var value = BinaryPrimitives.ReadInt64LittleEndian(values);
        values = values[8..];
        return value >= 0 ? value : throw new InvalidDataException("its directory is damaged");
    }

    private (long Count, long Start, long End) FindDirectory(long length)
    {
        var tail = new byte[Math.Min(length, EndBytes + MaxComment)];
        ReadExactly(tail, length - tail.Length);
        var at = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        // A comment may look like the end; the end's own comment reaches to the last byte.
        while (at >= 0 && (at + EndBytes > tail.Length || at + EndBytes + BinaryPrimitives.ReadUInt16LittleEndian(tail.AsSpan(at + 20)) != tail.Length))
        {
            at = tail.AsSpan(0, at).LastIndexOf("PK\u0005\u0006"u8);
        }

        if (at < 0)
        {
            throw new InvalidDataException("it is no zip, or it is cut off");
        }

        var end = tail.AsSpan(at);
        var endOffset = length - tail.Length + at;
        var (count, size, start) = ((long)BinaryPrimitives.ReadUInt16LittleEndian(end[10..]), (long)BinaryPrimitives.ReadUInt32LittleEndian(end[12..]), (long)BinaryPrimitives.ReadUInt32LittleEndian(end[16..]));
        if (count == ushort.MaxValue || size == uint.MaxValue || start == uint.MaxValue)
        {
            Span<byte> locator = stackalloc byte[20];
            ReadExactly(locator, endOffset - locator.Length);
            Span<byte> wide = stackalloc byte[56];
            ReadExactly(wide, BinaryPrimitives.ReadInt64LittleEndian(locator[8..]));
            if (!locator.StartsWith("PK\u0006\u0007"u8) || !wide.StartsWith("PK\u0006\u0006"u8))
            {
                throw new InvalidDataException("its directory is damaged");
            }

            (count, size, start) = (BinaryPrimitives.ReadInt64LittleEndian(wide[32..]), BinaryPrimitives.ReadInt64LittleEndian(wide[40..]), BinaryPrimitives.ReadInt64LittleEndian(wide[48..]));
        }

        return count >= 0 && start >= 0 && size >= 0 && start <= endOffset - size && count <= size / EntryBytes ? (count, start, start + size) : throw new InvalidDataException("its directory is damaged");
    }

    private void ReadExactly(Span<byte> target, long offset)
    {
        while (target.Length > 0)
        {
            var count = offset < 0 ? 0 : RandomAccess.Read(_file, target, offset);
            if (count == 0)
            {
                throw new InvalidDataException("it is cut off");
            }

            target = target[count..];
            offset += count;
        }
    }
}
