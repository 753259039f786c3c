using System.Buffers.Binary;
using System.Text;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The header of an installed package as rpm's databases hold it: an index of tags, big endian, then their data (rpm header format, without the file format's magic).</summary>
internal static class RpmHeader
{
    private const int Name = 1000, Version = 1001, Release = 1002, Epoch = 1003, License = 1014, Architecture = 1022, SourceRpm = 1044, ModularityLabel = 5096;
    private const int EntryBytes = 16;
    private const int MaxEntries = 1 << 16;

    /// <summary>The package; null for the keys that rpm keeps among packages.</summary>
    /// <exception cref="InvalidDataException">Counts or offsets that lead outside the header, or no name and version.</exception>
    public static SystemPackage? Parse(ReadOnlySpan<byte> blob)
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

        var data = blob.Slice((int)dataAt, (int)dataBytes);
        string? name = null, version = null, release = null, license = null, architecture = null, sourceRpm = null, module = null;
        uint epoch = 0;
        for (var i = 0; i < entries; i++)
        {
            var entry = blob.Slice(8 + (i * EntryBytes), EntryBytes);
            var (tag, offset) = (BinaryPrimitives.ReadInt32BigEndian(entry), BinaryPrimitives.ReadInt32BigEndian(entry[8..]));
            switch (tag)
            {
                case Name: name = Text(data, offset); break;
                case Version: version = Text(data, offset); break;
                case Release: release = Text(data, offset); break;
                case License: license = Text(data, offset); break;
                case Architecture: architecture = Text(data, offset); break;
                case SourceRpm: sourceRpm = Text(data, offset); break;
                case ModularityLabel: module = Text(data, offset); break;
                case Epoch when offset >= 0 && offset <= data.Length - 4: epoch = BinaryPrimitives.ReadUInt32BigEndian(data[offset..]); break;
                case Epoch: throw new InvalidDataException("a package header points outside itself");
                default: break;
            }
        }

        return name is null || version is null ? throw new InvalidDataException("a package header names no package or no version")
            : name == "gpg-pubkey" ? null
            : RpmPackage.Of(name, $"{version}-{release}", epoch, architecture ?? "", sourceRpm, license) with { Module = module ?? "" };
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

/// <summary>RPM packages, whichever file they were read from.</summary>
internal static class RpmPackage
{
    public static SystemPackage Of(string name, string versionRelease, uint epoch, string architecture, string? sourceRpm, string? license)
    {
        var full = epoch == 0 ? versionRelease : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{epoch}:{versionRelease}");
        var (sourceName, sourceVersion) = SplitSource(sourceRpm) is var (source, of) ? (source, epoch == 0 ? of : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{epoch}:{of}")) : (name, full);
        return new SystemPackage(name, full) { Architecture = architecture, SourceName = sourceName, SourceVersion = sourceVersion, License = license };
    }

    /// <summary>The name and version of <c>name-version-release.src.rpm</c>.</summary>
    private static (string Name, string Version)? SplitSource(string? file)
    {
        if (file is null)
        {
            return null;
        }

        foreach (var ending in (ReadOnlySpan<string>)[".src.rpm", ".nosrc.rpm"])
        {
            if (file.EndsWith(ending, StringComparison.Ordinal) && file[..^ending.Length] is var stem
                && stem.LastIndexOf('-') is > 0 and var release && stem.LastIndexOf('-', release - 1) is > 0 and var version)
            {
                return (stem[..version], stem[(version + 1)..]);
            }
        }

        return null;
    }
}
