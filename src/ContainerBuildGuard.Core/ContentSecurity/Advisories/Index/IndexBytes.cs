using System.Buffers;
using System.Text;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Variable-length numbers and texts, appended.</summary>
internal static class IndexBytes
{
    public static void WriteNumber(this ArrayBufferWriter<byte> writer, ulong value)
    {
        var span = writer.GetSpan(10);
        var count = 0;
        while (value > 0x7F)
        {
            span[count++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[count++] = (byte)value;
        writer.Advance(count);
    }

    public static void WriteText(this ArrayBufferWriter<byte> writer, string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        writer.WriteNumber((ulong)bytes);
        writer.Advance(Encoding.UTF8.GetBytes(text, writer.GetSpan(bytes)));
    }

    public static void WriteTexts(this ArrayBufferWriter<byte> writer, IReadOnlyCollection<string> texts)
    {
        writer.WriteNumber((ulong)texts.Count);
        foreach (var text in texts)
        {
            writer.WriteText(text);
        }
    }

    public static void WriteByte(this ArrayBufferWriter<byte> writer, byte value)
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }
}

/// <summary>Reads back what <see cref="IndexBytes"/> wrote. Every count is held against what is left.</summary>
internal ref struct IndexCursor(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public readonly bool IsAtEnd => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    public ulong Number()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number has no end");
    }

    public int Count() => Number() is var count && count <= (ulong)_rest.Length ? (int)count : throw new InvalidDataException("a count is larger than its record");

    public byte Byte()
    {
        if (_rest.IsEmpty)
        {
            throw new InvalidDataException("a record ends early");
        }

        var b = _rest[0];
        _rest = _rest[1..];
        return b;
    }

    public ReadOnlySpan<byte> Bytes()
    {
        var count = Count();
        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    public string[] Texts()
    {
        var texts = new string[Count()];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = Text();
        }

        return texts;
    }
}
