using System.Text;

namespace ContainerBuildGuard.Inspection;

/// <summary>Reads back what a <see cref="FactWriter"/> wrote, in the same order.</summary>
/// <remarks>Every method throws an <see cref="IOException"/> or a <see cref="FormatException"/> where the bytes are not what was written: the cache then counts the entry as damaged.</remarks>
public sealed class FactReader : IDisposable
{
    private readonly BinaryReader _reader;
    private readonly IReadOnlyList<LayerEntry> _entries;

    internal FactReader(Stream stream, IReadOnlyList<LayerEntry> entries) => (_reader, _entries) = (new BinaryReader(stream, Encoding.UTF8, leaveOpen: true), entries);

    public void Dispose() => _reader.Dispose();

    public bool ReadBoolean() => _reader.ReadBoolean();

    public int ReadInt32() => _reader.Read7BitEncodedInt();

    public long ReadInt64() => _reader.Read7BitEncodedInt64();

    public string? ReadString() => _reader.ReadBoolean() ? _reader.ReadString() : null;

    /// <summary>A string that was written as not null.</summary>
    public string ReadText() => ReadString() ?? throw new FormatException("a text is missing");

    public byte[] ReadBytes()
    {
        var count = ReadCount();
        var bytes = _reader.ReadBytes(count);
        return bytes.Length == count ? bytes : throw new EndOfStreamException();
    }

    public LayerEntry ReadEntry() => ReadInt32() is var ordinal && ordinal >= 0 && ordinal < _entries.Count ? _entries[ordinal] : throw new FormatException("no such entry");

    public List<T> ReadList<T>(Func<FactReader, T> read)
    {
        var count = ReadCount();
        var items = new List<T>(Math.Min(count, 4096));
        for (var i = 0; i < count; i++)
        {
            items.Add(read(this));
        }

        return items;
    }

    private int ReadCount() => ReadInt32() is var count && count >= 0 ? count : throw new FormatException("a count is negative");
}
