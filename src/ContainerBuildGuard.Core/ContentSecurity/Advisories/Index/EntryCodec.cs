using System.Buffers;
using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>An affected entry of a package, as the index holds it: which advisory, and which versions.</summary>
internal sealed record IndexedEntry(long AdvisoryOffset, int AdvisoryLength, AffectedPackage Affected);

/// <summary>Entries and advisories as bytes.</summary>
internal static class EntryCodec
{
    /// <summary>Writes all of an entry but the place of its advisory, which comes before it.</summary>
    public static void WriteEntry(ArrayBufferWriter<byte> writer, AffectedPackage affected)
    {
        // Severity in three bits (none is 0), state in the rest.
        writer.WriteByte((byte)((affected.Severity is { } severity ? (int)severity + 1 : 0) | ((int)affected.State << 3)));
        writer.WriteNumber((ulong)affected.Ranges.Length);
        foreach (var range in affected.Ranges)
        {
            writer.WriteNumber((ulong)range.Events.Length);
            foreach (var (kind, version) in range.Events)
            {
                writer.WriteByte((byte)kind);
                writer.WriteText(version);
            }
        }

        writer.WriteTexts(affected.Versions);
    }

    public static IndexedEntry ReadEntry(ref IndexCursor cursor, string ecosystem, string release, string name)
    {
        var (offset, length, flags) = ((long)cursor.Number(), (int)cursor.Number(), cursor.Byte());
        var ranges = new AffectedRange[cursor.Count()];
        for (var i = 0; i < ranges.Length; i++)
        {
            var events = new RangeEvent[cursor.Count()];
            for (var j = 0; j < events.Length; j++)
            {
                events[j] = new RangeEvent((RangeEventKind)cursor.Byte(), cursor.Text());
            }

            ranges[i] = new AffectedRange(ImmutableArray.Create(events));
        }

        return new IndexedEntry(offset, length, new AffectedPackage
        {
            Ecosystem = ecosystem,
            Release = release,
            Name = name,
            Severity = ReadSeverity(flags & 7),
            State = (FixState)(flags >> 3),
            Ranges = ImmutableArray.Create(ranges),
            Versions = ImmutableArray.Create(cursor.Texts()),
        });
    }

    /// <summary>Writes all of an advisory but the place of its text, which comes behind it.</summary>
    public static void WriteAdvisory(ArrayBufferWriter<byte> writer, Advisory advisory)
    {
        writer.WriteText(advisory.Id);
        writer.WriteTexts(advisory.Aliases);
        writer.WriteTexts(advisory.Related);
        writer.WriteByte((byte)(advisory.Severity is { } severity ? (int)severity + 1 : 0));
        writer.WriteByte(advisory.Cvss is { } score ? (byte)Math.Round(score * 10) : byte.MaxValue);
        writer.WriteNumber((ulong)Math.Max(0, advisory.Modified.ToUnixTimeSeconds()));
    }

    public static (Advisory Advisory, long TextOffset, int TextLength) ReadAdvisory(ReadOnlySpan<byte> bytes)
    {
        var cursor = new IndexCursor(bytes);
        var advisory = new Advisory
        {
            Id = cursor.Text(),
            Aliases = ImmutableArray.Create(cursor.Texts()),
            Related = ImmutableArray.Create(cursor.Texts()),
            Severity = ReadSeverity(cursor.Byte()),
            Cvss = cursor.Byte() is var score and not byte.MaxValue ? score / 10.0 : null,
            Modified = DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(cursor.Number(), 253402300799)),
        };
        return (advisory, (long)cursor.Number(), (int)cursor.Number());
    }

    private static Severity? ReadSeverity(int value) => value == 0 ? null : (Severity)(value - 1);
}
