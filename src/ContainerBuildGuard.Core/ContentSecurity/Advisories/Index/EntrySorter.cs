using System.Buffers;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Sorts keyed entries by hash, key and order of arrival, in bounded memory: full buffers are sorted and put on disk, then merged.</summary>
internal sealed class EntrySorter(string folder, int bufferBytes) : IDisposable
{
    private readonly List<string> _runs = [];
    private readonly List<(ulong Hash, int Start, int KeyLength, int Length)> _entries = [];
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(bufferBytes);
    private int _used;

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> payload)
    {
        if (_used + key.Length + payload.Length > _buffer.Length)
        {
            Spill();
        }

        if (key.Length + payload.Length > _buffer.Length)
        {
            throw new InvalidDataException($"an affected entry has {payload.Length} bytes, over the limit of {_buffer.Length}");
        }

        _entries.Add((IndexFormat.Hash(key), _used, key.Length, key.Length + payload.Length));
        key.CopyTo(_buffer.AsSpan(_used));
        payload.CopyTo(_buffer.AsSpan(_used + key.Length));
        _used += key.Length + payload.Length;
    }

    /// <summary>All entries in order; the memory is valid until the next one is asked for.</summary>
    public IEnumerable<(ulong Hash, ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> Payload)> Sorted()
    {
        if (_runs.Count == 0)
        {
            Sort();
            foreach (var (hash, start, keyLength, length) in _entries)
            {
                yield return (hash, _buffer.AsMemory(start, keyLength), _buffer.AsMemory(start + keyLength, length - keyLength));
            }

            yield break;
        }

        Spill();
        var readers = _runs.ConvertAll(r => new Run(r));
        try
        {
            var queue = new PriorityQueue<(Run Run, int Number), (Run Run, int Number)>(Comparer<(Run Run, int Number)>.Create(static (a, b) =>
                a.Run.Hash != b.Run.Hash ? a.Run.Hash.CompareTo(b.Run.Hash) : a.Run.Key.SequenceCompareTo(b.Run.Key) is not 0 and var order ? order : a.Number.CompareTo(b.Number)));
            for (var i = 0; i < readers.Count; i++)
            {
                if (readers[i].MoveNext())
                {
                    queue.Enqueue((readers[i], i), (readers[i], i));
                }
            }

            while (queue.TryDequeue(out var next, out _))
            {
                yield return (next.Run.Hash, next.Run.KeyMemory, next.Run.Payload);
                if (next.Run.MoveNext())
                {
                    queue.Enqueue(next, next);
                }
            }
        }
        finally
        {
            readers.ForEach(r => r.Dispose());
        }
    }

    public void Dispose() => _runs.ForEach(File.Delete);

    private void Sort() => _entries.Sort((a, b) =>
        a.Hash != b.Hash ? a.Hash.CompareTo(b.Hash)
        : _buffer.AsSpan(a.Start, a.KeyLength).SequenceCompareTo(_buffer.AsSpan(b.Start, b.KeyLength)) is not 0 and var order ? order
        : a.Start.CompareTo(b.Start));

    private void Spill()
    {
        Sort();
        var path = Path.Combine(folder, $"run-{_runs.Count}.tmp");
        _runs.Add(path);
        using var writer = new BinaryWriter(new BufferedStream(File.Create(path), 1 << 20));
        foreach (var (hash, start, keyLength, length) in _entries)
        {
            writer.Write(hash);
            writer.Write(keyLength);
            writer.Write(length);
            writer.Write(_buffer, start, length);
        }

        _entries.Clear();
        _used = 0;
    }

    /// <summary>One sorted run on disk.</summary>
    private sealed class Run(string path) : IDisposable
    {
        private readonly BinaryReader _reader = new(new BufferedStream(File.OpenRead(path), 1 << 20));
        private readonly ArrayBufferWriter<byte> _entry = new();
        private int _keyLength;

        public ulong Hash { get; private set; }

        public ReadOnlySpan<byte> Key => _entry.WrittenSpan[.._keyLength];

        public ReadOnlyMemory<byte> KeyMemory => _entry.WrittenMemory[.._keyLength];

        public ReadOnlyMemory<byte> Payload => _entry.WrittenMemory[_keyLength..];

        public bool MoveNext()
        {
            if (_reader.BaseStream.Position >= _reader.BaseStream.Length)
            {
                return false;
            }

            Hash = _reader.ReadUInt64();
            _keyLength = _reader.ReadInt32();
            var length = _reader.ReadInt32();
            _entry.ResetWrittenCount();
            _reader.BaseStream.ReadExactly(_entry.GetSpan(length)[..length]);
            _entry.Advance(length);
            return true;
        }

        public void Dispose() => _reader.Dispose();
    }
}
