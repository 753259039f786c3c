using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace ContainerBuildGuard.Images.Archives;

/// <summary>Where each file of an uncompressed tar lies, so that any of them can be opened, several at once, without unpacking. Of duplicate entries the last counts, as tar has it, where they say the same.</summary>
internal sealed class TarIndex : IDisposable
{
    private readonly Dictionary<string, (long Offset, long Length)> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(long Offset, long Length)>> _repeated = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly SafeFileHandle _file;
    private readonly Action? _release;

    private TarIndex(SafeFileHandle file, string path, Action? release) => (_file, Path, _release) = (file, path, release);

    /// <summary>The archive's path, for people.</summary>
    public string Path { get; }

    public static TarIndex Open(string path, int maxEntries, string? name, Action? release, CancellationToken cancellationToken)
    {
        var index = new TarIndex(File.OpenHandle(path), name ?? path, release);
        try
        {
            index.Read(path, maxEntries, cancellationToken);
            return index;
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException)
        {
            index.Dispose();
            throw new ImageException(ImageError.Malformed, $"The archive '{index.Path}' is truncated or not a tar ({e.Message.TrimEnd('.')}): build or export it again.", e);
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    public bool Contains(string name) => _entries.ContainsKey(Resolve(name));

    /// <summary>Opens a file of the archive.</summary>
    /// <exception cref="ImageException">The archive has no such file.</exception>
    public Stream OpenFile(string name)
    {
        var (offset, length) = Find(name);
        return new RangeStream(_file, offset, length);
    }

    public long Length(string name) => Find(name).Length;

    /// <summary>Reads a small file whole.</summary>
    public byte[] ReadAll(string name, int limit)
    {
        var (offset, length) = Find(name);
        if (length > limit)
        {
            throw new ImageException(ImageError.Malformed, $"'{name}' in '{Path}' has {length} bytes, over the limit of {limit}.");
        }

        var bytes = new byte[length];
        for (var read = 0; read < bytes.Length;)
        {
            var count = RandomAccess.Read(_file, bytes.AsSpan(read), offset + read);
            if (count == 0)
            {
                throw new ImageException(ImageError.Malformed, $"The archive '{Path}' ends inside '{name}': it is truncated; build or export it again.");
            }

            read += count;
        }

        return bytes;
    }

    public void Dispose()
    {
        _file.Dispose();
        _release?.Invoke();
    }

    private (long Offset, long Length) Find(string name)
    {
        var resolved = Resolve(name);
        if (!_entries.TryGetValue(resolved, out var entry))
        {
            throw new ImageException(ImageError.Malformed, $"The archive '{Path}' lacks '{name}', which its index names: it is incomplete; build or export it again.");
        }

        lock (_repeated)
        {
            // Some programs read the first of several entries, others the last; so they must say the same.
            if (_repeated.GetValueOrDefault(resolved) is { } repeated && repeated.Any(r => !SameContent(r, entry)))
            {
                throw new ImageException(ImageError.Malformed, $"The archive '{Path}' holds '{name}' several times with different content: engines would read either; build or export it again.");
            }

            _repeated.Remove(resolved);
        }

        return entry;
    }

    private bool SameContent((long Offset, long Length) one, (long Offset, long Length) other)
    {
        if (one.Length != other.Length)
        {
            return false;
        }

        using var first = new RangeStream(_file, one.Offset, one.Length);
        using var second = new RangeStream(_file, other.Offset, other.Length);
        return SHA256.HashData(first).AsSpan().SequenceEqual(SHA256.HashData(second));
    }

    /// <summary>`docker save` writes a layer that repeats as a symbolic link to the first.</summary>
    public string Resolve(string name)
    {
        for (var hops = 0; hops < 8 && _links.TryGetValue(name, out var target); hops++)
        {
            name = target;
        }

        return name;
    }

    private void Read(string path, int maxEntries, CancellationToken cancellationToken)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1);
        using var reader = new TarReader(stream, new LayerLimits { Entries = maxEntries });
        var count = 0;
        while (reader.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            count++;
            var entry = reader.Current;
            var name = Clean(entry.Name);
            if (entry.Kind == TarKind.File)
            {
                if (reader.ContentOffset + entry.Size > stream.Length)
                {
                    throw new ImageException(ImageError.Malformed, $"The archive '{Path}' ends inside '{name}': it is truncated; build or export it again.");
                }

                _links.Remove(name);
                if (_entries.TryGetValue(name, out var earlier))
                {
                    _repeated.TryAdd(name, []);
                    _repeated[name].Add(earlier);
                }

                _entries[name] = (reader.ContentOffset, entry.Size);
            }
            else if (entry.Kind is TarKind.SymbolicLink or TarKind.HardLink)
            {
                var folder = name.Contains('/', StringComparison.Ordinal) ? name[..(name.LastIndexOf('/') + 1)] : "";
                _links[name] = Clean(entry.Kind == TarKind.HardLink ? entry.LinkName : folder + entry.LinkName);
            }
        }

        if (count == 0)
        {
            throw new ImageException(ImageError.Malformed, $"'{Path}' holds no tar entry: it is not an image archive, or it is empty.");
        }
    }

    private static string Clean(string name)
    {
        var parts = new List<string>();
        foreach (var part in name.Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "." or ".."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }
}
