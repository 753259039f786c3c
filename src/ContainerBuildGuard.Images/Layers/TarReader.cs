using System.Buffers;

namespace ContainerBuildGuard.Images;

/// <summary>
/// Reads a tar forward, once, in bounded memory: v7, ustar, star, PAX and GNU (long names, sparse files, base-256 numbers). Where readers differ, it reads
/// as Go's archive/tar does, because that is what unpacks images: what an engine sees is what this reader shows.
/// </summary>
public sealed class TarReader : IDisposable
{
    /// <summary>Most bytes that <see cref="Peek"/> gives at once.</summary>
    public const int WindowBytes = 256 << 10;

    private readonly Stream _stream;
    private readonly LayerLimits _limits;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(WindowBytes);
    private int _start;
    private int _end;
    private bool _ended;
    private int _padding;
    private long _entries;

    /// <summary>Reads <paramref name="stream"/>, which stays open.</summary>
    public TarReader(Stream stream, LayerLimits? limits = null) => (_stream, _limits) = (stream, limits ?? LayerLimits.Default);

    /// <summary>The entry that <see cref="MoveNext"/> came to.</summary>
    public TarHeader Current { get; private set; } = null!;

    /// <summary>Where the entry's unread content begins in the stream.</summary>
    public long ContentOffset { get; private set; }

    /// <summary>Bytes of the entry's content not read yet.</summary>
    public long ContentLeft { get; private set; }

    /// <inheritdoc />
    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    /// <summary>Goes to the next entry, past what is left of the current one; false at the end of the archive.</summary>
    /// <exception cref="InvalidDataException">Not a tar, or truncated.</exception>
    /// <exception cref="ImageException">A limit (<see cref="ImageError.LimitExceeded"/>).</exception>
    public bool MoveNext()
    {
        PaxRecords? pax = null;
        string? longName = null;
        string? longLink = null;
        while (true)
        {
            Skip(ContentLeft);
            SkipPadding();
            BeginContent(0);
            if (!ReadHeaderBlock(out var block))
            {
                return pax is null && longName is null && longLink is null ? false : throw new InvalidDataException("it ends after an extended header");
            }

            CountEntry();
            switch (block.Type)
            {
                case 'x' or 'X':
                    pax = PaxRecords.Parse(ReadExtension(block.Length));
                    continue;
                case 'g':
                    // Engines ignore global headers.
                    BeginContent(block.Length);
                    continue;
                case 'L':
                    longName = TarText.OfField(ReadExtension(block.Length));
                    continue;
                case 'K':
                    longLink = TarText.OfField(ReadExtension(block.Length));
                    continue;
                default:
                    var more = block.HasSparseExtension;
                    Current = block.ToHeader(pax, longName, longLink);
                    while (more)
                    {
                        CountEntry();
                        more = ReadBlock() is { IsEmpty: false } map ? map[504] != 0 : throw Truncated();
                    }

                    BeginContent(Current.Size);
                    return true;
            }
        }
    }

    /// <summary>
    /// The next bytes of the content, <paramref name="count"/> of them or, at its end, fewer; valid until the next call. They are not consumed:
    /// see <see cref="Advance"/>.
    /// </summary>
    public ReadOnlyMemory<byte> Peek(int count = WindowBytes)
    {
        var wanted = (int)Math.Min(Math.Min(count, WindowBytes), ContentLeft);
        Fill(wanted);
        return _end - _start >= wanted ? _buffer.AsMemory(_start, wanted) : throw Truncated();
    }

    /// <summary>Consumes bytes that <see cref="Peek"/> gave.</summary>
    public void Advance(int count)
    {
        Consume(count);
        ContentLeft -= count;
    }

    /// <summary>Reads content into <paramref name="target"/> until it is full or the content ends.</summary>
    public int Read(Span<byte> target)
    {
        var total = 0;
        while (total < target.Length && ContentLeft > 0)
        {
            var window = Peek(Math.Min(target.Length - total, WindowBytes)).Span;
            window.CopyTo(target[total..]);
            Advance(window.Length);
            total += window.Length;
        }

        return total;
    }

    /// <summary>Reads what follows the archive's end to the end of the stream; true where that is anything but zeros.</summary>
    public bool Drain()
    {
        var found = false;
        do
        {
            found |= _buffer.AsSpan(_start, _end - _start).ContainsAnyExcept((byte)0);
            _start = _end = 0;
            Fill(1);
        }
        while (_end > 0);
        return found;
    }

    private static InvalidDataException Truncated() => new("it ends in the middle of an entry");

    private void BeginContent(long size)
    {
        if (size < 0)
        {
            throw new InvalidDataException("a header has a negative size");
        }

        ContentLeft = size;
        _padding = (int)((TarBlock.Size - (size % TarBlock.Size)) % TarBlock.Size);
    }

    private void CountEntry()
    {
        if (++_entries > _limits.Entries)
        {
            throw LayerLimits.Exceeded($"A tar has {_entries} entries", _limits.Entries, "layer-entries");
        }
    }

    /// <summary>The next header; false at the end: two blocks of zeros, or nothing more at all.</summary>
    private bool ReadHeaderBlock(out TarBlock block)
    {
        var bytes = ReadBlock();
        if (!bytes.IsEmpty && !bytes.ContainsAnyExcept((byte)0))
        {
            bytes = ReadBlock();
            if (!bytes.IsEmpty && bytes.ContainsAnyExcept((byte)0))
            {
                throw new InvalidDataException("a block of zeros stands between entries");
            }

            bytes = default;
        }

        block = new TarBlock(bytes);
        if (bytes.IsEmpty)
        {
            return false;
        }

        block.Check();
        return true;
    }

    /// <summary>Valid until the buffer is filled again; empty at the end of the stream.</summary>
    private ReadOnlySpan<byte> ReadBlock()
    {
        Fill(TarBlock.Size);
        if (_end == _start)
        {
            return default;
        }

        if (_end - _start < TarBlock.Size)
        {
            throw Truncated();
        }

        var block = _buffer.AsSpan(_start, TarBlock.Size);
        Consume(TarBlock.Size);
        return block;
    }

    private byte[] ReadExtension(long size)
    {
        if (size > _limits.HeaderBytes)
        {
            throw LayerLimits.Exceeded($"A tar has an extended header of {size} bytes", _limits.HeaderBytes, "header-bytes");
        }

        BeginContent(size);
        var bytes = new byte[size];
        _ = Read(bytes);
        return bytes;
    }

    private void Skip(long count)
    {
        var buffered = (int)Math.Min(count, _end - _start);
        Consume(buffered);
        count -= buffered;
        if (count > 0 && _stream.CanSeek)
        {
            if (_stream.Length - _stream.Position < count)
            {
                throw Truncated();
            }

            _stream.Seek(count, SeekOrigin.Current);
            ContentOffset += count;
            return;
        }

        while (count > 0)
        {
            Fill(1);
            var part = (int)Math.Min(count, _end - _start);
            if (part == 0)
            {
                throw Truncated();
            }

            Consume(part);
            count -= part;
        }
    }

    /// <summary>The last entry's padding may be missing: umoci leaves it out, and engines do not mind.</summary>
    private void SkipPadding()
    {
        Fill(_padding);
        Consume(Math.Min(_padding, _end - _start));
    }

    private void Consume(int count)
    {
        _start += count;
        ContentOffset += count;
    }

    /// <summary>Makes at least <paramref name="count"/> bytes contiguous at the start, as far as the stream has them.</summary>
    private void Fill(int count)
    {
        if (_end - _start >= count)
        {
            return;
        }

        Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
        (_start, _end) = (0, _end - _start);
        while (_end < count && !_ended)
        {
            var read = _stream.Read(_buffer.AsSpan(_end));
            _ended = read == 0;
            _end += read;
        }
    }
}
