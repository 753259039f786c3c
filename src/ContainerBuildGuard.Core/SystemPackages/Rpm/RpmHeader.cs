using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.SystemPackages;

/// <summary>The header of an installed package as rpm's databases hold it: an index of tags, big endian, then their data (rpm header format, without the file format's magic).</summary>
internal sealed record RpmHeader(string Name, string VersionRelease)
{
    private const int NameTag = 1000, VersionTag = 1001, ReleaseTag = 1002, EpochTag = 1003, LicenseTag = 1014, ArchitectureTag = 1022, SourceRpmTag = 1044, ModularityLabelTag = 5096;
    private const int DirectoryIndexesTag = 1116, BaseNamesTag = 1117, DirectoryNamesTag = 1118;
    private const int EntryBytes = 16;
    private const int MaxEntries = 1 << 16;

    public uint Epoch { get; init; }
    public string Architecture { get; init; } = "";
    public string? SourceRpm { get; init; }
    public string? License { get; init; }

    /// <summary><c>name:stream:version:context</c> of the module that it belongs to; empty outside modules.</summary>
    public string Module { get; init; } = "";

    /// <summary><c>[epoch:]version-release</c>.</summary>
    public string FullVersion => Epoch == 0 ? VersionRelease : string.Create(CultureInfo.InvariantCulture, $"{Epoch}:{VersionRelease}");

    /// <summary>The package; null for the keys that rpm keeps among packages.</summary>
    /// <exception cref="InvalidDataException">Counts or offsets that lead outside the header, or no name and version.</exception>
    public static RpmHeader? Parse(ReadOnlySpan<byte> blob)
    {
        var data = Data(blob, out var entries);
        string? name = null, version = null, release = null, license = null, architecture = null, sourceRpm = null, module = null;
        uint epoch = 0;
        for (var i = 0; i < entries; i++)
        {
            var (tag, offset, _) = Entry(blob, i);
            switch (tag)
            {
                case NameTag: name = Text(data, offset); break;
                case VersionTag: version = Text(data, offset); break;
                case ReleaseTag: release = Text(data, offset); break;
                case LicenseTag: license = Text(data, offset); break;
                case ArchitectureTag: architecture = Text(data, offset); break;
                case SourceRpmTag: sourceRpm = Text(data, offset); break;
                case ModularityLabelTag: module = Text(data, offset); break;
                case EpochTag: epoch = BinaryPrimitives.ReadUInt32BigEndian(Within(data, offset, 4)); break;
                default: break;
            }
        }

        return name is null || version is null ? throw new InvalidDataException("a package header names no package or no version")
            : name == "gpg-pubkey" ? null
            : new RpmHeader(name, $"{version}-{release}") { Epoch = epoch, Architecture = architecture ?? "", SourceRpm = sourceRpm, License = license, Module = module ?? "" };
    }

    /// <summary>The absolute paths of the files that the package brought: folders, names, and for each name the number of its folder.</summary>
    /// <exception cref="InvalidDataException">Counts or offsets that lead outside the header.</exception>
    public static List<string> Files(ReadOnlySpan<byte> blob)
    {
        var data = Data(blob, out var entries);
        List<string> names = [], folders = [];
        var (indexes, indexCount) = (0, 0);
        for (var i = 0; i < entries; i++)
        {
            var (tag, offset, count) = Entry(blob, i);
            switch (tag)
            {
                case BaseNamesTag: names = Texts(data, offset, count); break;
                case DirectoryNamesTag: folders = Texts(data, offset, count); break;
                case DirectoryIndexesTag: (indexes, indexCount) = (offset, count); break;
                default: break;
            }
        }

        if (indexCount != names.Count)
        {
            throw new InvalidDataException("a package header has names without folders");
        }

        for (var i = 0; i < names.Count; i++)
        {
            var folder = BinaryPrimitives.ReadUInt32BigEndian(Within(data, indexes + (i * 4), 4));
            names[i] = folder < folders.Count ? folders[(int)folder] + names[i] : throw new InvalidDataException("a package header names a folder that it does not have");
        }

        return names;
    }

    private static ReadOnlySpan<byte> Data(ReadOnlySpan<byte> blob, out int count)
    {
        if (blob.Length < 8)
        {
            throw new InvalidDataException("a package header is cut off");
        }

        var (entries, dataBytes) = (BinaryPrimitives.ReadUInt32BigEndian(blob), BinaryPrimitives.ReadUInt32BigEndian(blob[4..]));
        var dataAt = 8 + (entries * (long)EntryBytes);
        if (entries is 0 or > MaxEntries || dataAt + dataBytes > blob.Length)
        {
            throw new InvalidDataException("a package header has an impossible size");
        }

        count = (int)entries;
        return blob.Slice((int)dataAt, (int)dataBytes);
    }

    private static (int Tag, int Offset, int Count) Entry(ReadOnlySpan<byte> blob, int index)
    {
        var entry = blob.Slice(8 + (index * EntryBytes), EntryBytes);
        return (BinaryPrimitives.ReadInt32BigEndian(entry), BinaryPrimitives.ReadInt32BigEndian(entry[8..]), BinaryPrimitives.ReadInt32BigEndian(entry[12..]));
    }

    private static ReadOnlySpan<byte> Within(ReadOnlySpan<byte> data, int offset, int length) =>
        offset >= 0 && offset <= data.Length - length ? data.Slice(offset, length) : throw new InvalidDataException("a package header points outside itself");

    private static List<string> Texts(ReadOnlySpan<byte> data, int offset, int count)
    {
        var texts = new List<string>();
        for (var i = 0; i < count; i++)
        {
            var end = offset < 0 || offset >= data.Length ? -1 : data[offset..].IndexOf((byte)0);
            texts.Add(end >= 0 ? Encoding.UTF8.GetString(data.Slice(offset, end)) : throw new InvalidDataException("a list in a package header has no end"));
            offset += end + 1;
        }

        return texts;
    }

    private static string Text(ReadOnlySpan<byte> data, int offset)
    {
        if (offset < 0 || offset >= data.Length)
        {
            throw new InvalidDataException("a package header points outside itself");
        }

        var rest = data[offset..];
        return rest.IndexOf((byte)0) is >= 0 and var end ? Encoding.UTF8.GetString(rest[..end]) : throw new InvalidDataException("a text in a package header has no end");
    }
}
