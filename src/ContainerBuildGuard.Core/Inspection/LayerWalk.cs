using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Formats.Tar;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>Walks one layer for every observer, and remembers its entries and whiteouts for the union view.</summary>
internal sealed class LayerWalk
{
    private readonly LayerInfo _layer;
    private readonly InspectionLimits _limits;
    private readonly ILayerVisitor?[] _active;

    public LayerWalk(LayerInfo layer, IReadOnlyList<ILayerObserver> observers, InspectionLimits limits)
    {
        (_layer, _limits) = (layer, limits);
        Visitors = [.. observers.Select(o => o.StartLayer(layer))];
        _active = new ILayerVisitor?[Visitors.Length];
    }

    public ImmutableArray<ILayerVisitor> Visitors { get; }

    public List<LayerEntry> Entries { get; } = [];

    public List<string> Whiteouts { get; } = [];

    public List<string> OpaqueFolders { get; } = [];

    public List<Gap> Gaps { get; } = [];

    public async Task RunAsync(Image image, CancellationToken cancellationToken)
    {
        if (!_layer.Descriptor.Urls.IsEmpty || _layer.Descriptor.MediaType.Contains("foreign", StringComparison.Ordinal) || _layer.Descriptor.MediaType.Contains("nondistributable", StringComparison.Ordinal))
        {
            Gaps.Add(new Gap("layer", "it is a foreign (non-distributable) layer, whose content is not in the image", _layer.Index));
            return;
        }

        await using var blob = await image.Blobs.OpenAsync(_layer.Descriptor, cancellationToken);
        await using var layer = LayerContent.Open(blob, _layer, _limits);
        try
        {
            await WalkAsync(layer, cancellationToken);
            await layer.DrainAsync(cancellationToken);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or FormatException or ArgumentException or ZstdSharp.ZstdException)
        {
            throw new ImageException(ImageError.Malformed, $"Layer {_layer.Index} ({_layer.Descriptor.Digest}) of '{image.Reference}' cannot be read ({e.Message.TrimEnd('.')}): it is truncated or damaged; build or pull the image again.", e);
        }
    }

    private async Task WalkAsync(Stream layer, CancellationToken cancellationToken)
    {
        await using var reader = new TarReader(layer, leaveOpen: true);
        while (await reader.GetNextEntryAsync(copyData: false, cancellationToken) is { } tar)
        {
            if (Entries.Count + Whiteouts.Count >= _limits.EntriesPerLayer)
            {
                throw new ImageException(ImageError.Malformed, $"Layer {_layer.Index} has more than {_limits.EntriesPerLayer} entries, over the guard's limit.");
            }

            if (tar.EntryType is TarEntryType.GlobalExtendedAttributes || EntryPath.Clean(tar.Name) is not { Length: > 0 } path)
            {
                continue;
            }

            if (path.Length > _limits.PathCharacters)
            {
                throw new ImageException(ImageError.Malformed, $"Layer {_layer.Index} has a path of {path.Length} characters, over the guard's limit of {_limits.PathCharacters}.");
            }

            if (Whiteout(path))
            {
                continue;
            }

            if (ToEntry(tar, path) is not { } entry)
            {
                Gaps.Add(new Gap("entry", $"its type {tar.EntryType} is not known", _layer.Index, path));
                continue;
            }

            Entries.Add(entry);
            await VisitAsync(entry, tar.DataStream, cancellationToken);
        }
    }

    private bool Whiteout(string path)
    {
        var slash = path.LastIndexOf('/');
        var name = path.AsSpan(slash + 1);
        if (!name.StartsWith(".wh."))
        {
            return false;
        }

        if (name is ".wh..wh..opq")
        {
            OpaqueFolders.Add(slash < 0 ? "" : path[..slash]);
        }
        else if (!name.StartsWith(".wh..wh."))
        {
            Whiteouts.Add(path[..(slash + 1)] + name[4..].ToString());
        }

        return true;
    }

    private async Task VisitAsync(LayerEntry entry, Stream? content, CancellationToken cancellationToken)
    {
        var (whole, windows) = (false, false);
        for (var i = 0; i < Visitors.Length; i++)
        {
            var interest = Visitors[i].Visit(entry);
            _active[i] = interest == ContentInterest.None || entry.Type != EntryType.File ? null : Visitors[i];
            whole |= _active[i] is not null && interest == ContentInterest.Whole;
            windows |= _active[i] is not null && interest == ContentInterest.Windows;
        }

        if (!whole && !windows)
        {
            return;
        }

        if (whole && entry.Size > _limits.WholeFileBytes)
        {
            Gaps.Add(new Gap("file", $"it has {entry.Size} bytes, over the limit of {_limits.WholeFileBytes} for files that are read whole", _layer.Index, entry.Path));
            return;
        }

        // One reading serves everyone: whole where one visitor needs it whole (a window that is the whole file suits the others too).
        var size = whole ? (int)entry.Size : (int)Math.Min(entry.Size, _limits.WindowBytes);
        var buffer = ArrayPool<byte>.Shared.Rent(Math.Max(size, 1));
        try
        {
            long offset = 0;
            var overlap = 0;
            while (true)
            {
                var read = content is null ? 0 : await content.ReadAtLeastAsync(buffer.AsMemory(overlap, size - overlap), size - overlap, throwOnEndOfStream: false, cancellationToken);
                var last = offset + overlap + read >= entry.Size || read == 0;
                Hand(entry, new ContentWindow(buffer.AsMemory(0, overlap + read), offset, overlap, last));
                if (last)
                {
                    return;
                }

                var keep = Math.Min(_limits.OverlapBytes, size / 2);
                Buffer.BlockCopy(buffer, size - keep, buffer, 0, keep);
                offset += size - keep;
                overlap = keep;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Hand(LayerEntry entry, ContentWindow window)
    {
        for (var i = 0; i < _active.Length; i++)
        {
            try
            {
                _active[i]?.Content(entry, window);
            }
            catch (Exception e) when (e is not (ImageException or OutOfMemoryException or OperationCanceledException))
            {
                // A file that one observer cannot make sense of is a gap in what was looked at, not the end of the run.
                Gaps.Add(new Gap(Visitors[i].GetType().Name, $"it could not be understood ({e.Message.TrimEnd('.')})", _layer.Index, entry.Path));
                _active[i] = null;
            }
        }
    }

    private LayerEntry? ToEntry(TarEntry tar, string path)
    {
        EntryType? type = tar.EntryType switch
        {
            TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile or TarEntryType.SparseFile => EntryType.File,
            TarEntryType.Directory or TarEntryType.DirectoryList => EntryType.Directory,
            TarEntryType.SymbolicLink => EntryType.SymbolicLink,
            TarEntryType.HardLink => EntryType.HardLink,
            TarEntryType.CharacterDevice => EntryType.CharacterDevice,
            TarEntryType.BlockDevice => EntryType.BlockDevice,
            TarEntryType.Fifo => EntryType.Fifo,
            _ => null,
        };
        return type is null ? null : new LayerEntry
        {
            Path = path,
            Type = type.Value,
            LayerIndex = _layer.Index,
            Ordinal = Entries.Count,
            Size = tar.Length,
            Mode = (int)tar.Mode,
            UserId = tar.Uid,
            GroupId = tar.Gid,
            LinkTarget = tar.EntryType == TarEntryType.HardLink ? EntryPath.Clean(tar.LinkName) : tar.EntryType == TarEntryType.SymbolicLink ? tar.LinkName : null,
            Modified = tar.ModificationTime,
            ExtendedAttributes = tar is PaxTarEntry pax
                ? pax.ExtendedAttributes.Where(a => a.Key.StartsWith("SCHILY.xattr.", StringComparison.Ordinal)).ToFrozenDictionary(StringComparer.Ordinal)
                : FrozenDictionary<string, string>.Empty,
        };
    }
}
