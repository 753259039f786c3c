using System.Buffers;
using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>An index mapped into memory. A block is held against its checksum when it is first touched; safe for many readers.</summary>
internal sealed class MappedBlocks : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly uint[] _checksums;
    private readonly int[] _checked;

    private MappedBlocks(MemoryMappedFile file, MemoryMappedViewAccessor view, IndexHeader header, uint[] checksums) =>
        (_file, _view, Header, _checksums, _checked) = (file, view, header, checksums, new int[(checksums.Length + 31) / 32]);

    public IndexHeader Header { get; }

    /// <exception cref="InvalidDataException">No index, another version, cut off, or changed.</exception>
    public static MappedBlocks Open(string path)
    {
        // A newer index may be moved over this one meanwhile: readers keep what they opened.
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1);
        var length = stream.Length;
        if (length < IndexFormat.BlockBytes)
        {
            stream.Dispose();
            throw new InvalidDataException("it is no advisory index");
        }

        var file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        var view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        try
        {
            Span<byte> block = stackalloc byte[IndexFormat.BlockBytes];
            view.SafeMemoryMappedViewHandle.ReadSpan(0, block);
            var header = IndexHeader.Read(block, length);
            return new MappedBlocks(file, view, header, ReadChecksums(view, header));
        }
        catch
        {
            view.Dispose();
            file.Dispose();
            throw;
        }
    }

    /// <exception cref="InvalidDataException">Outside the section, or a block does not match its checksum.</exception>
    public void Read(IndexSection section, long offset, Span<byte> target)
    {
        var (start, length) = Header.Sections[(int)section];
        if (offset < 0 || offset + target.Length > length)
        {
            throw new InvalidDataException($"a record points outside its section ({section})");
        }

        var at = start + offset;
        for (var block = at / IndexFormat.BlockBytes; block * IndexFormat.BlockBytes < at + target.Length; block++)
        {
            Check(block);
        }

        _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)at, target);
    }

    /// <summary>Holds every block against its checksum.</summary>
    public void CheckAll()
    {
        for (var block = 1L; block <= _checksums.Length; block++)
        {
            Check(block);
        }
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private static uint[] ReadChecksums(MemoryMappedViewAccessor view, IndexHeader header)
    {
        var (offset, length) = header.Sections[(int)IndexSection.Checksums];
        var blocks = ((offset + IndexFormat.BlockBytes - 1) / IndexFormat.BlockBytes) - 1;
        if (length != (blocks + 1) * 4)
        {
            throw new InvalidDataException("its checksums are incomplete");
        }

        var bytes = new byte[length];
        view.SafeMemoryMappedViewHandle.ReadSpan((ulong)offset, bytes.AsSpan());
        if (IndexFormat.Checksum(bytes.AsSpan(0, bytes.Length - 4)) != BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4)))
        {
            throw new InvalidDataException("its checksums do not match their own");
        }

        var checksums = new uint[blocks];
        for (var i = 0; i < checksums.Length; i++)
        {
            checksums[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(i * 4));
        }

        return checksums;
    }

    private void Check(long block)
    {
        var index = (int)block - 1;
        ref var word = ref _checked[index / 32];
        if ((Volatile.Read(ref word) & (1 << (index % 32))) != 0)
        {
            return;
        }

        // A buffer on the stack would be cleared each time, which costs as much as the checksum.
        var buffer = ArrayPool<byte>.Shared.Rent(IndexFormat.BlockBytes);
        var bytes = buffer.AsSpan(0, IndexFormat.BlockBytes);
        var at = block * IndexFormat.BlockBytes;
        _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)at, bytes);
        var isGood = IndexFormat.Checksum(bytes) == _checksums[index];
        ArrayPool<byte>.Shared.Return(buffer);
        if (!isGood)
        {
            throw new InvalidDataException($"the bytes from {at} on do not match their checksum");
        }

        Interlocked.Or(ref word, 1 << (index % 32));
    }
}
