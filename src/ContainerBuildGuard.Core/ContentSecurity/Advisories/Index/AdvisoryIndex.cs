using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What is known of a CVE's exploitation.</summary>
internal readonly record struct Exploitation(double? Epss, bool IsKnown);

/// <summary>The advisories by package: one immutable file, mapped, safe for many readers.</summary>
public sealed class AdvisoryIndex : IDisposable
{
    private readonly MappedBlocks _blocks;
    private readonly string? _deleteAfter;
    private readonly long _keys;
    private readonly long _exploits;

    private AdvisoryIndex(MappedBlocks blocks, string path, string? deleteAfter)
    {
        (_blocks, Path, _deleteAfter) = (blocks, path, deleteAfter);
        _keys = blocks.Header.Sections[(int)IndexSection.Keys].Length / IndexFormat.KeyBytes;
        _exploits = blocks.Header.Sections[(int)IndexSection.Exploits].Length / IndexFormat.ExploitBytes;
    }

    public string Path { get; }

    /// <summary>Advisories, withdrawn ones not counted.</summary>
    public int Count => _blocks.Header.Advisories;

    public int PackageCount => _blocks.Header.Packages;

    public long RangeCount => _blocks.Header.Ranges;

    public DateTimeOffset Built => _blocks.Header.Built;

    /// <summary>Up to when it knows what its sources knew.</summary>
    public DateTimeOffset AsOf => _blocks.Header.AsOf;

    /// <summary>Bytes on disk, and how many of them are texts.</summary>
    public (long All, long Texts) Bytes => (_blocks.Header.FileBytes, _blocks.Header.Sections[(int)IndexSection.Texts].Length);

    /// <exception cref="GuardException">CBG9010: not there, no index, of another version, or damaged.</exception>
    public static AdvisoryIndex Open(string path) => Open(path, deleteAfter: null);

    internal static AdvisoryIndex Open(string path, string? deleteAfter)
    {
        try
        {
            return new AdvisoryIndex(MappedBlocks.Open(path), path, deleteAfter);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw Damaged(path, e);
        }
    }

    public void Dispose()
    {
        _blocks.Dispose();
        if (_deleteAfter is not null)
        {
            Directory.Delete(_deleteAfter, recursive: true);
        }
    }

    /// <summary>Holds the whole file against its checksums.</summary>
    /// <exception cref="GuardException">CBG9010: it was changed.</exception>
    public void CheckAll() => Guarded(() =>
    {
        _blocks.CheckAll();
        return true;
    });

    /// <summary>The sources, as the JSON that the builder wrote.</summary>
    internal byte[] ReadSources() => Guarded(() => ReadBytes(IndexSection.Sources, 0, (int)_blocks.Header.Sections[(int)IndexSection.Sources].Length));

    /// <summary>Whether any advisory speaks of the ecosystem and release.</summary>
    internal bool Covers(string ecosystem, string release) => Look(ecosystem, release, "") is not null;

    /// <summary>The entries of one package in one ecosystem and release.</summary>
    internal List<IndexedEntry> Find(string ecosystem, string release, string name) => Look(ecosystem, release, name) ?? [];

    /// <summary>Null where the index has no such key.</summary>
    private List<IndexedEntry>? Look(string ecosystem, string release, string name) => Guarded(() =>
    {
        var key = Encoding.UTF8.GetBytes(AffectedPackage.KeyOf(ecosystem, release, name));
        var hash = IndexFormat.Hash(key);
        List<IndexedEntry>? found = null;
        Span<byte> row = stackalloc byte[IndexFormat.KeyBytes];
        for (var i = LowerBound(IndexSection.Keys, _keys, IndexFormat.KeyBytes, hash); i < _keys; i++)
        {
            _blocks.Read(IndexSection.Keys, i * IndexFormat.KeyBytes, row);
            if (BinaryPrimitives.ReadUInt64LittleEndian(row) != hash)
            {
                break;
            }

            var place = BinaryPrimitives.ReadUInt64LittleEndian(row[8..]);
            found = ReadPackage((long)(place >> 24), (int)(place & 0xFFFFFF), key, ecosystem, release, name) ?? found;
        }

        return found;
    });

    /// <summary>The advisory of an entry.</summary>
    internal Advisory Read(IndexedEntry entry) => Guarded(() =>
    {
        var (advisory, textOffset, textLength) = EntryCodec.ReadAdvisory(ReadBytes(IndexSection.Advisories, entry.AdvisoryOffset, entry.AdvisoryLength));
        return textLength == 0 ? advisory : advisory with { Summary = Encoding.UTF8.GetString(ReadBytes(IndexSection.Texts, textOffset, textLength)) };
    });

    internal Exploitation FindExploitation(IEnumerable<string> ids) => Guarded(() =>
    {
        double? epss = null;
        var known = false;
        Span<byte> row = stackalloc byte[IndexFormat.ExploitBytes];
        foreach (var id in ids)
        {
            if (IndexFormat.PackCve(id) is { } cve && LowerBound(IndexSection.Exploits, _exploits, IndexFormat.ExploitBytes, cve) is var at && at < _exploits)
            {
                _blocks.Read(IndexSection.Exploits, at * IndexFormat.ExploitBytes, row);
                if (BinaryPrimitives.ReadUInt32LittleEndian(row) == cve)
                {
                    epss = BinaryPrimitives.ReadUInt16LittleEndian(row[4..]) is var value and not ushort.MaxValue ? Math.Max(epss ?? 0, value / 60_000.0) : epss;
                    known |= row[6] != 0;
                }
            }
        }

        return new Exploitation(epss, known);
    });

    private List<IndexedEntry>? ReadPackage(long offset, int length, byte[] key, string ecosystem, string release, string name)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            _blocks.Read(IndexSection.Packages, offset, bytes.AsSpan(0, length));
            var cursor = new IndexCursor(bytes.AsSpan(0, length));
            if (!cursor.Bytes().SequenceEqual(key))
            {
                return null;
            }

            var found = new List<IndexedEntry>();
            while (!cursor.IsAtEnd)
            {
                found.Add(EntryCodec.ReadEntry(ref cursor, ecosystem, release, name));
            }

            return found;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>The first row whose key is not below <paramref name="wanted"/>.</summary>
    private long LowerBound(IndexSection section, long rows, int width, ulong wanted)
    {
        var (low, high) = (0L, rows);
        Span<byte> row = stackalloc byte[8];
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            _blocks.Read(section, middle * width, row);
            var key = section == IndexSection.Keys ? BinaryPrimitives.ReadUInt64LittleEndian(row) : BinaryPrimitives.ReadUInt32LittleEndian(row);
            (low, high) = key < wanted ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private byte[] ReadBytes(IndexSection section, long offset, int length)
    {
        if (length < 0 || length > _blocks.Header.Sections[(int)section].Length)
        {
            throw new InvalidDataException($"a record of {section} has no possible length");
        }

        var bytes = new byte[length];
        _blocks.Read(section, offset, bytes);
        return bytes;
    }

    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw Damaged(Path, e);
        }
    }

    private static GuardException Damaged(string path, Exception e) => new("CBG9010", GuardFailure.Environment,
        $"The advisory index '{path}' cannot be used ({e.Message.TrimEnd('.')}): fetch it again with `cbg advisories update`, or build it again with `cbg advisories build`.", e);
}
