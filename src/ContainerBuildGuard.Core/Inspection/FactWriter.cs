using System.Text;

namespace ContainerBuildGuard.Inspection;

/// <summary>Writes what a visitor gathered in one layer, for the cache. What is written follows from the layer's bytes and origin alone, and holds no secret.</summary>
public sealed class FactWriter : IDisposable
{
    private readonly BinaryWriter _writer;

    internal FactWriter(Stream stream) => _writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);

    public void Dispose() => _writer.Dispose();

    public void Write(bool value) => _writer.Write(value);

    public void Write(int value) => _writer.Write7BitEncodedInt(value);

    public void Write(long value) => _writer.Write7BitEncodedInt64(value);

    public void Write(string? value)
    {
        _writer.Write(value is not null);
        if (value is not null)
        {
            _writer.Write(value);
        }
    }

    public void Write(ReadOnlySpan<byte> value)
    {
        Write(value.Length);
        _writer.Write(value);
    }

    /// <summary>Writes which entry of the layer is meant.</summary>
    public void Write(LayerEntry entry) => Write(entry.Ordinal);

    public void WriteList<T>(IReadOnlyCollection<T> items, Action<FactWriter, T> write)
    {
        Write(items.Count);
        foreach (var item in items)
        {
            write(this, item);
        }
    }
}
