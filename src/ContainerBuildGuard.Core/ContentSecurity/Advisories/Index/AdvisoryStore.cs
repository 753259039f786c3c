using System.Buffers;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Keeps advisories on disk until the order of packages is known; then each is put beside the others of its package, so that a look-up reads them together.</summary>
internal sealed class AdvisoryStore(string folder) : IDisposable
{
    private const int MaxSummary = 500;
    private readonly FileStream _arrived = Create(folder, "arrived");
    private readonly ArrayBufferWriter<byte> _record = new(4096);

    /// <summary>By order of arrival: where it is among the placed ones; before that, the complement of where it arrived.</summary>
    private readonly List<(long Offset, int Length)> _places = [];
    private bool _isComplete;

    /// <summary>The records of those that were placed, in that order.</summary>
    public FileStream Records { get; } = Create(folder, "advisories");

    /// <summary>Their summaries.</summary>
    public FileStream Texts { get; } = Create(folder, "texts");

    public void Add(Advisory advisory)
    {
        var summary = advisory.Summary.Length <= MaxSummary ? advisory.Summary : advisory.Summary[..MaxSummary];
        _record.ResetWrittenCount();
        _record.WriteText(summary);
        EntryCodec.WriteAdvisory(_record, advisory);
        _places.Add((~_arrived.Position, _record.WrittenCount));
        _arrived.Write(_record.WrittenSpan);
    }

    /// <summary>Where the advisory is in <see cref="Records"/>; puts it there where it is not yet.</summary>
    /// <remarks><c>number</c>: by order of arrival. Nothing is added any more.</remarks>
    public (long Offset, int Length) Place(int number)
    {
        var place = _places[number];
        if (place.Offset >= 0)
        {
            return place;
        }

        if (!_isComplete)
        {
            _arrived.Flush();
            _isComplete = true;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(place.Length);
        var arrived = bytes.AsSpan(0, place.Length);
        for (var read = 0; read < arrived.Length;)
        {
            read += RandomAccess.Read(_arrived.SafeFileHandle, arrived[read..], ~place.Offset + read) is > 0 and var count ? count : throw new EndOfStreamException();
        }

        var cursor = new IndexCursor(arrived);
        var summary = cursor.Bytes();
        _record.ResetWrittenCount();
        _record.Write(cursor.Rest);
        _record.WriteNumber((ulong)Texts.Position);
        _record.WriteNumber((ulong)summary.Length);
        place = (Records.Position, _record.WrittenCount);
        Records.Write(_record.WrittenSpan);
        Texts.Write(summary);
        ArrayPool<byte>.Shared.Return(bytes);
        return _places[number] = place;
    }

    public void Dispose()
    {
        _arrived.Dispose();
        Records.Dispose();
        Texts.Dispose();
    }

    private static FileStream Create(string folder, string name) => new(Path.Combine(folder, $"{name}.tmp"), FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 18);
}
