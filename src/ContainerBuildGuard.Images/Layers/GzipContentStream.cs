using System.IO.Compression;
using System.Security.Cryptography;

namespace ContainerBuildGuard.Images;

/// <summary>
/// The content of gzip members up to the very end of the stream that holds them. The framework's reader ends without a word where the data is cut
/// off, and passes over bytes behind the last member; both would keep content from being looked at. So a member of random bytes is appended: only
/// where it comes out as the last of the content did everything before it end where it should.
/// </summary>
internal sealed class GzipContentStream : ForwardStream
{
    private const int MarkBytes = 32;
    private readonly byte[] _mark = RandomNumberGenerator.GetBytes(MarkBytes);
    private readonly byte[] _held = new byte[MarkBytes];
    private readonly Appended _source;
    private readonly GZipStream _gzip;
    private ReadOnlyMemory<byte> _spare;
    private int _holding;
    private bool _ended;

    /// <summary>Reads <paramref name="compressed"/>, which stays open.</summary>
    public GzipContentStream(Stream compressed)
    {
        using var member = new MemoryStream();
        using (var writer = new GZipStream(member, CompressionLevel.NoCompression, leaveOpen: true))
        {
            writer.Write(_mark);
        }

        _source = new Appended(compressed, member.ToArray());
        _gzip = new GZipStream(_source, CompressionMode.Decompress, leaveOpen: true);
    }

    /// <exception cref="InvalidDataException">Damaged, cut off, or followed by something else.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (_spare.IsEmpty && buffer.Length < 2 * MarkBytes)
        {
            // Too small to hold back the mark and give something too.
            var spare = new byte[4096];
            _spare = spare.AsMemory(0, ReadPastMark(spare));
        }

        if (_spare.IsEmpty)
        {
            return ReadPastMark(buffer);
        }

        var count = Math.Min(buffer.Length, _spare.Length);
        _spare.Span[..count].CopyTo(buffer);
        _spare = _spare[count..];
        return count;
    }

    /// <summary>Reads, and keeps the last bytes back: they may be the mark.</summary>
    private int ReadPastMark(Span<byte> buffer)
    {
        while (!_ended)
        {
            _held.AsSpan(0, _holding).CopyTo(buffer);
            var read = _gzip.Read(buffer[_holding..]);
            var available = _holding + read;
            if (read == 0)
            {
                _ended = true;
                return _source.IsEmpty ? throw new InvalidDataException("it is empty")
                    : _holding == MarkBytes && _held.AsSpan().SequenceEqual(_mark) ? 0
                    : throw new InvalidDataException("its compressed data is cut off, or followed by something else");
            }

            var given = Math.Max(0, available - MarkBytes);
            _holding = available - given;
            buffer[given..available].CopyTo(_held);
            if (given > 0)
            {
                return given;
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _gzip.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>A stream, and then some bytes.</summary>
    private sealed class Appended(Stream first, byte[] then) : ForwardStream
    {
        private int _given;
        private bool _firstEnded;

        public bool IsEmpty { get; private set; } = true;

        public override int Read(Span<byte> buffer)
        {
            if (!_firstEnded && first.Read(buffer) is > 0 and var count)
            {
                IsEmpty = false;
                return count;
            }

            _firstEnded |= buffer.Length > 0;
            var part = Math.Min(buffer.Length, then.Length - _given);
            then.AsSpan(_given, part).CopyTo(buffer);
            _given += part;
            return part;
        }
    }
}
