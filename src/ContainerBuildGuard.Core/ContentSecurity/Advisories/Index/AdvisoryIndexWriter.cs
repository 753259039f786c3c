using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Builds an index from advisories in one pass and bounded memory. The same input gives the same bytes, the build date apart.</summary>
internal sealed class AdvisoryIndexWriter : IDisposable
{
    private readonly string _folder;
    private readonly string _path;
    private readonly EntrySorter _entries;
    private readonly AdvisoryStore _advisories;
    private readonly HashSet<ulong> _seen = [];
    private readonly HashSet<(string Ecosystem, string Release)> _covered = [];
    private readonly SortedDictionary<uint, (ushort Epss, bool KnownExploited)> _exploits = [];
    private readonly ArrayBufferWriter<byte> _record = new(4096);
    private readonly ArrayBufferWriter<byte> _key = new(256);
    private long _ranges;

    /// <remarks><c>path</c>: the index to write; it is there whole or not at all. <c>bufferBytes</c>: memory for sorting; what goes beyond it goes to disk beside <paramref name="path"/>.</remarks>
    public AdvisoryIndexWriter(string path, int bufferBytes = 16 << 20)
    {
        _path = path;
        _folder = Directory.CreateDirectory($"{path}.{Guid.NewGuid():N}.tmp").FullName;
        _entries = new EntrySorter(_folder, bufferBytes);
        _advisories = new AdvisoryStore(_folder);
    }

    public int Advisories { get; private set; }

    /// <summary>When the newest advisory was changed.</summary>
    public DateTimeOffset Newest { get; private set; }

    /// <summary>Adds an advisory; false where the same source has already brought one of its id.</summary>
    public bool Add(Advisory advisory, string source)
    {
        if (!_seen.Add(IndexFormat.Hash(Encoding.UTF8.GetBytes($"{source}\n{advisory.Id}"))))
        {
            return false;
        }

        _advisories.Add(advisory);
        foreach (var affected in advisory.Affected)
        {
            var normal = AffectedRanges.Normalise(affected);
            _record.ResetWrittenCount();
            _record.WriteNumber((ulong)Advisories);
            EntryCodec.WriteEntry(_record, normal);
            AddEntry(normal.Key, _record.WrittenSpan);
            _covered.Add((normal.Ecosystem, normal.Release));
            _ranges += Math.Max(1, normal.Ranges.Length);
        }

        Advisories++;
        Newest = advisory.Modified > Newest ? advisory.Modified : Newest;
        return true;
    }

    /// <summary>Adds what is known of a CVE's exploitation.</summary>
    /// <remarks><c>epss</c>: the probability from 0 to 1; null where unknown.</remarks>
    public void AddExploit(string cve, double? epss, bool knownExploited)
    {
        if (IndexFormat.PackCve(cve) is { } packed)
        {
            var (old, known) = _exploits.GetValueOrDefault(packed, (ushort.MaxValue, false));
            _exploits[packed] = (epss is { } value ? (ushort)Math.Round(Math.Clamp(value, 0, 1) * 60_000) : old, known || knownExploited);
        }
    }

    private void AddEntry(string key, ReadOnlySpan<byte> payload)
    {
        _key.ResetWrittenCount();
        _key.Advance(Encoding.UTF8.GetBytes(key, _key.GetSpan(Encoding.UTF8.GetMaxByteCount(key.Length))));
        _entries.Add(_key.WrittenSpan, payload);
    }

    /// <summary>Writes the index and puts it in its place, over an older one.</summary>
    /// <remarks><c>sources</c>: JSON that says where it came from.</remarks>
    public void Complete(DateTimeOffset built, DateTimeOffset asOf, ReadOnlySpan<byte> sources)
    {
        // A package without a name says that the index knows of its ecosystem: "no advisory" and "never heard of" are different answers.
        foreach (var (ecosystem, release) in _covered)
        {
            AddEntry(AffectedPackage.KeyOf(ecosystem, release, ""), []);
        }

        var beside = Path.Combine(_folder, "index");
        using (var file = new FileStream(beside, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 20))
        {
            file.Write(new byte[IndexFormat.BlockBytes]);
            var packages = Path.Combine(_folder, "packages.tmp");
            var keys = WritePackages(packages);
            var sections = new (long Offset, long Length)[Enum.GetValues<IndexSection>().Length];
            sections[(int)IndexSection.Keys] = Append(file, Table(keys, IndexFormat.KeyBytes, static (span, key) =>
            {
                BinaryPrimitives.WriteUInt64LittleEndian(span, key.Hash);
                BinaryPrimitives.WriteUInt64LittleEndian(span[8..], ((ulong)key.Offset << 24) | (uint)key.Length);
            }));
            using (var stream = File.OpenRead(packages))
            {
                sections[(int)IndexSection.Packages] = Append(file, stream);
            }

            sections[(int)IndexSection.Advisories] = Append(file, _advisories.Records);
            sections[(int)IndexSection.Texts] = Append(file, _advisories.Texts);
            sections[(int)IndexSection.Exploits] = Append(file, Table(_exploits.ToList(), IndexFormat.ExploitBytes, static (span, e) =>
            {
                BinaryPrimitives.WriteUInt32LittleEndian(span, e.Key);
                BinaryPrimitives.WriteUInt16LittleEndian(span[4..], e.Value.Epss);
                span[6] = e.Value.KnownExploited ? (byte)1 : (byte)0;
            }));
            using (var text = new MemoryStream(sources.ToArray()))
            {
                sections[(int)IndexSection.Sources] = Append(file, text);
            }

            sections[(int)IndexSection.Checksums] = Append(file, Checksums(file));
            file.Position = 0;
            file.Write(new IndexHeader { Built = built, AsOf = asOf, Advisories = Advisories, Packages = keys.Count - _covered.Count, Ranges = _ranges, Sections = sections }.ToBytes());
        }

        File.Move(beside, _path, overwrite: true);
    }

    public void Dispose()
    {
        _advisories.Dispose();
        _entries.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private List<(ulong Hash, long Offset, int Length)> WritePackages(string path)
    {
        var keys = new List<(ulong Hash, long Offset, int Length)>();
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 20);
        var package = new ArrayBufferWriter<byte>(1 << 16);
        byte[] current = [];
        var hash = 0UL;
        void Flush()
        {
            if (package.WrittenCount > 0)
            {
                keys.Add((hash, file.Position, package.WrittenCount < 1 << 24 ? package.WrittenCount : throw new InvalidDataException($"the entries of {Encoding.UTF8.GetString(current).ReplaceLineEndings(" ")} have {package.WrittenCount} bytes, over the index's limit")));
                file.Write(package.WrittenSpan);
                package.ResetWrittenCount();
            }
        }

        foreach (var (entryHash, key, payload) in _entries.Sorted())
        {
            if (entryHash != hash || !key.Span.SequenceEqual(current))
            {
                Flush();
                (hash, current) = (entryHash, key.ToArray());
                package.WriteNumber((ulong)current.Length);
                package.Write(current);
            }

            if (payload.Length > 0)
            {
                var cursor = new IndexCursor(payload.Span);
                var (offset, length) = _advisories.Place((int)cursor.Number());
                package.WriteNumber((ulong)offset);
                package.WriteNumber((ulong)length);
                package.Write(cursor.Rest);
            }
        }

        Flush();
        return keys;
    }

    private static MemoryStream Table<T>(List<T> rows, int width, WriteRow<T> write)
    {
        var bytes = new byte[rows.Count * width];
        var at = 0;
        foreach (var row in rows)
        {
            write(bytes.AsSpan(at, width), row);
            at += width;
        }

        return new MemoryStream(bytes);
    }

    private delegate void WriteRow<T>(Span<byte> span, T row);

    /// <summary>Appends a section at the next block.</summary>
    private static (long Offset, long Length) Append(FileStream file, Stream section)
    {
        file.Position = file.Length + ((IndexFormat.BlockBytes - (file.Length % IndexFormat.BlockBytes)) % IndexFormat.BlockBytes);
        file.SetLength(file.Position);
        var offset = file.Position;
        section.Position = 0;
        section.CopyTo(file, 1 << 20);
        return (offset, file.Position - offset);
    }

    private static MemoryStream Checksums(FileStream file)
    {
        var checksums = new MemoryStream();
        Span<byte> block = stackalloc byte[IndexFormat.BlockBytes];
        Span<byte> crc = stackalloc byte[4];
        file.Position = IndexFormat.BlockBytes;
        while (file.ReadAtLeast(block, block.Length, throwOnEndOfStream: false) is > 0 and var count)
        {
            // The last block is filled with zeros when the checksums are put behind it.
            block[count..].Clear();
            BinaryPrimitives.WriteUInt32LittleEndian(crc, IndexFormat.Checksum(block));
            checksums.Write(crc);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(crc, IndexFormat.Checksum(checksums.GetBuffer().AsSpan(0, (int)checksums.Length)));
        checksums.Write(crc);
        return checksums;
    }
}
