using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>
/// The layout of an advisory index: a header block, then sections, then a CRC-32C of every block. Little endian. Readers check a block when they
/// first touch it, so that opening costs nothing and a changed bit anywhere that matters is seen.
/// <code>
/// header      magic, version, dates, counts, offset and length of each section, its own CRC
/// keys        (hash of ecosystem, release and name; offset and length in packages), ordered by hash
/// packages    per package: its key, then its affected entries
/// advisories  id, aliases, severity, score, date, offset of its text
/// texts       summaries
/// exploits    (CVE; EPSS; KEV), ordered by CVE
/// sources     JSON: where it came from and when
/// checksums   one CRC-32C per block before it
/// </code>
/// </summary>
internal static class IndexFormat
{
    public const string Extension = ".cbgadv";
    public const int Version = 1;
    public const int BlockBytes = 4096;
    public const int KeyBytes = 16;
    public const int ExploitBytes = 8;
    public static ReadOnlySpan<byte> Magic => "CBGADVIX"u8;

    /// <summary>FNV-1a over the key's UTF-8.</summary>
    public static ulong Hash(ReadOnlySpan<byte> key)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in key)
        {
            hash = (hash ^ b) * 1099511628211UL;
        }

        return hash;
    }

    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        while (bytes.Length >= 8)
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        foreach (var b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }

    /// <summary>A CVE as a number that sorts by year and number; null for other ids and for numbers that do not fit.</summary>
    public static uint? PackCve(string id) =>
        id.Length > 9 && id[8] == '-' && id.StartsWith("CVE-", StringComparison.OrdinalIgnoreCase)
        && int.TryParse(id.AsSpan(4, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year) && uint.TryParse(id.AsSpan(9), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && year is >= 1990 and < 2200 && number < 1 << 24
            ? ((uint)(year - 1990) << 24) | number
            : null;
}

internal enum IndexSection
{
    Keys,
    Packages,
    Advisories,
    Texts,
    Exploits,
    Sources,
    Checksums,
}

/// <summary>The header block.</summary>
internal sealed record IndexHeader
{
    private const int SectionsAt = 64;

    /// <summary>The end of the block, so that no byte of it is outside the checksum.</summary>
    private const int CrcAt = IndexFormat.BlockBytes - 4;

    public required DateTimeOffset Built { get; init; }

    /// <summary>Up to when it knows what the sources knew.</summary>
    public required DateTimeOffset AsOf { get; init; }
    public required int Advisories { get; init; }
    public required int Packages { get; init; }
    public required long Ranges { get; init; }
    public required (long Offset, long Length)[] Sections { get; init; }

    public long FileBytes => Sections[(int)IndexSection.Checksums] is var last ? last.Offset + last.Length : 0;

    public byte[] ToBytes()
    {
        var block = new byte[IndexFormat.BlockBytes];
        IndexFormat.Magic.CopyTo(block);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(8), IndexFormat.Version);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(16), Built.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(24), AsOf.ToUnixTimeSeconds());
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(32), Advisories);
        BinaryPrimitives.WriteInt32LittleEndian(block.AsSpan(36), Packages);
        BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(40), Ranges);
        for (var i = 0; i < Sections.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(SectionsAt + (i * 16)), Sections[i].Offset);
            BinaryPrimitives.WriteInt64LittleEndian(block.AsSpan(SectionsAt + (i * 16) + 8), Sections[i].Length);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(block.AsSpan(CrcAt), IndexFormat.Checksum(block.AsSpan(0, CrcAt)));
        return block;
    }

    /// <exception cref="InvalidDataException">No index, another version, cut off, or changed.</exception>
    public static IndexHeader Read(ReadOnlySpan<byte> block, long fileBytes)
    {
        if (block.Length < IndexFormat.BlockBytes || !block.StartsWith(IndexFormat.Magic))
        {
            throw new InvalidDataException("it is no advisory index");
        }

        var version = BinaryPrimitives.ReadInt32LittleEndian(block[8..]);
        if (version != IndexFormat.Version)
        {
            throw new InvalidDataException($"its format is version {version}, this guard reads version {IndexFormat.Version}");
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(block[CrcAt..]) != IndexFormat.Checksum(block[..CrcAt]))
        {
            throw new InvalidDataException("its header does not match its checksum");
        }

        var sections = new (long Offset, long Length)[Enum.GetValues<IndexSection>().Length];
        for (var i = 0; i < sections.Length; i++)
        {
            sections[i] = (BinaryPrimitives.ReadInt64LittleEndian(block[(SectionsAt + (i * 16))..]), BinaryPrimitives.ReadInt64LittleEndian(block[(SectionsAt + (i * 16) + 8)..]));
        }

        var header = new IndexHeader
        {
            Built = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64LittleEndian(block[16..])),
            AsOf = DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64LittleEndian(block[24..])),
            Advisories = BinaryPrimitives.ReadInt32LittleEndian(block[32..]),
            Packages = BinaryPrimitives.ReadInt32LittleEndian(block[36..]),
            Ranges = BinaryPrimitives.ReadInt64LittleEndian(block[40..]),
            Sections = sections,
        };
        return header.FileBytes == fileBytes ? header : throw new InvalidDataException($"it has {fileBytes} bytes where its header says {header.FileBytes}");
    }
}
