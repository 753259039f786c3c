using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Inspection;

/// <summary>
/// The facts of a layer as bytes: magic and format, the key that they belong to, entries (paths share their beginning with the one before), whiteouts, gaps,
/// what each visitor saved, and the SHA-256 of it all.
/// </summary>
internal static class LayerFactsFile
{
    /// <summary>Rises when the walk or this format changes.</summary>
    public const int Format = 1;

    private const int HeaderBytes = 8 + KeyBytes;
    private const int KeyBytes = 32;
    private static ReadOnlySpan<byte> Magic => "CBGF"u8;

    public static byte[] Write(LayerFacts facts, ReadOnlySpan<byte> key)
    {
        using var stream = new MemoryStream();
        stream.Write(Magic);
        Span<byte> format = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(format, Format);
        stream.Write(format);
        stream.Write(key);
        using (var writer = new FactWriter(stream))
        {
            WriteEntries(writer, facts.Entries);
            writer.WriteList(facts.Whiteouts, static (w, path) => w.Write(path));
            writer.WriteList(facts.OpaqueFolders, static (w, path) => w.Write(path));
            writer.WriteList(facts.Gaps, static (w, gap) =>
            {
                w.Write(gap.What);
                w.Write(gap.Reason);
                w.Write(gap.Path);
            });
            foreach (var visitor in facts.Visitors)
            {
                visitor.Save(writer);
            }
        }

        stream.Write(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
        return stream.ToArray();
    }

    /// <summary>Fills <paramref name="facts"/>; false where the bytes are damaged, of another format or for another key.</summary>
    public static bool Read(byte[] bytes, ReadOnlySpan<byte> key, LayerFacts facts)
    {
        var end = bytes.Length - SHA256.HashSizeInBytes;
        if (end < HeaderBytes || !bytes.AsSpan(0, 4).SequenceEqual(Magic) || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(4)) != Format
            || !bytes.AsSpan(8, KeyBytes).SequenceEqual(key) || !SHA256.HashData(bytes.AsSpan(0, end)).AsSpan().SequenceEqual(bytes.AsSpan(end)))
        {
            return false;
        }

        using var stream = new MemoryStream(bytes, HeaderBytes, end - HeaderBytes, writable: false);
        using var reader = new FactReader(stream, facts.Entries);
        try
        {
            ReadEntries(reader, facts);
            facts.Whiteouts.AddRange(reader.ReadList(static r => r.ReadText()));
            facts.OpaqueFolders.AddRange(reader.ReadList(static r => r.ReadText()));
            foreach (var (what, reason, path) in reader.ReadList(static r => (r.ReadText(), r.ReadText(), r.ReadString())))
            {
                facts.AddGap(what, reason, path);
            }

            foreach (var visitor in facts.Visitors)
            {
                visitor.Load(reader);
            }

            return stream.Position == stream.Length;
        }
        catch (Exception e) when (e is IOException or FormatException or DecoderFallbackException or ArgumentException)
        {
            return false;
        }
    }

    private static void WriteEntries(FactWriter writer, List<LayerEntry> entries)
    {
        writer.Write(entries.Count);
        var previous = "";
        foreach (var entry in entries)
        {
            var shared = previous.AsSpan().CommonPrefixLength(entry.Path);
            writer.Write(shared);
            writer.Write(entry.Path[shared..]);
            writer.Write((int)entry.Type);
            writer.Write(entry.Size);
            writer.Write(entry.Mode);
            writer.Write(entry.UserId);
            writer.Write(entry.GroupId);
            writer.Write(entry.LinkTarget);
            writer.Write(entry.Modified.UtcTicks);
            writer.WriteList(entry.ExtendedAttributes, static (w, attribute) =>
            {
                w.Write(attribute.Key);
                w.Write(attribute.Value);
            });
            previous = entry.Path;
        }
    }

    private static void ReadEntries(FactReader reader, LayerFacts facts)
    {
        var count = reader.ReadInt32();
        var previous = "";
        for (var ordinal = 0; ordinal < count; ordinal++)
        {
            previous = string.Concat(previous.AsSpan(0, reader.ReadInt32()), reader.ReadText());
            facts.Entries.Add(new LayerEntry
            {
                Path = previous,
                LayerIndex = facts.Layer.Index,
                Ordinal = ordinal,
                Type = (EntryType)reader.ReadInt32(),
                Size = reader.ReadInt64(),
                Mode = reader.ReadInt32(),
                UserId = reader.ReadInt32(),
                GroupId = reader.ReadInt32(),
                LinkTarget = reader.ReadString(),
                Modified = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero),
                ExtendedAttributes = ReadAttributes(reader),
            });
        }
    }

    private static FrozenDictionary<string, string> ReadAttributes(FactReader reader) =>
        reader.ReadList(static r => KeyValuePair.Create(r.ReadText(), r.ReadText())) is { Count: > 0 } attributes
            ? attributes.ToFrozenDictionary(StringComparer.Ordinal)
            : FrozenDictionary<string, string>.Empty;
}
