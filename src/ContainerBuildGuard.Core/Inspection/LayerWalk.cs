using System.Buffers;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Inspection;

/// <summary>Walks one layer for every observer: inflated once, each file's content read once, nothing copied that fits the reader's window.</summary>
internal sealed class LayerWalk
{
    private readonly LayerFacts _facts;
    private readonly InspectionLimits _limits;
    private readonly ILayerVisitor?[] _active;

    private LayerWalk(LayerFacts facts, InspectionLimits limits) => (_facts, _limits, _active) = (facts, limits, new ILayerVisitor?[facts.Visitors.Length]);

    /// <exception cref="ImageException">The layer is malformed, truncated, over a limit, or not what its digests say.</exception>
    public static void Run(Stream blob, LayerFacts facts, InspectionLimits limits, CancellationToken cancellationToken)
    {
        var layer = facts.Layer;
        try
        {
            using var content = LayerStream.Open(blob, layer.Descriptor, layer.DiffId, limits.Layer);
            using var reader = new TarReader(content, limits.Layer);
            new LayerWalk(facts, limits).Walk(reader, cancellationToken);
            if (reader.Drain())
            {
                facts.AddGap("layer", "there are bytes behind the end of its tar");
            }

            content.Finish();
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ZstdSharp.ZstdException)
        {
            throw new ImageException(ImageError.Malformed, $"Layer {layer.Index} ({layer.Descriptor.Digest}) cannot be read ({e.Message.TrimEnd('.')}): it is truncated or damaged; build or pull the image again.", e);
        }
    }

    private void Walk(TarReader reader, CancellationToken cancellationToken)
    {
        while (reader.MoveNext())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var tar = reader.Current;
            if (tar.Name.Length > _limits.PathCharacters)
            {
                throw LimitOf(tar.Name.Length);
            }

            if (EntryPath.Clean(tar.Name) is not { Length: > 0 } path || TakeWhiteout(path))
            {
                continue;
            }

            if (ToEntry(tar, path) is not { } entry)
            {
                _facts.AddGap("entry", $"its type '{tar.TypeFlag}' is not known", path);
                continue;
            }

            _facts.Entries.Add(entry);
            Visit(entry, tar, reader);
        }
    }

    private ImageException LimitOf(int characters) =>
        new(ImageError.LimitExceeded, $"Layer {_facts.Layer.Index} has a path of {characters} characters, over the limit of {_limits.PathCharacters}: build the image without it, or raise the limit 'path-characters' in the policy.");

    private bool TakeWhiteout(string path)
    {
        var slash = path.LastIndexOf('/');
        var name = path.AsSpan(slash + 1);
        if (!name.StartsWith(".wh."))
        {
            return false;
        }

        if (name is ".wh..wh..opq")
        {
            _facts.OpaqueFolders.Add(slash < 0 ? "" : path[..slash]);
        }
        else if (!name.StartsWith(".wh..wh.") && name.Length > 4)
        {
            _facts.Whiteouts.Add(string.Concat(path.AsSpan(0, slash + 1), name[4..]));
        }

        return true;
    }

    private void Visit(LayerEntry entry, TarHeader tar, TarReader reader)
    {
        var (whole, windows) = (false, false);
        for (var i = 0; i < _active.Length; i++)
        {
            var interest = _facts.Visitors[i].Visit(entry);
            _active[i] = interest == ContentInterest.None || entry.Type != EntryType.File ? null : _facts.Visitors[i];
            whole |= _active[i] is not null && interest == ContentInterest.Whole;
            windows |= _active[i] is not null && interest == ContentInterest.Windows;
        }

        if (whole && (entry.Size > _limits.WholeFileBytes || tar.IsSparse))
        {
            _facts.AddGap("file", tar.IsSparse ? "it is a sparse file, which is not read whole" : $"it has {entry.Size} bytes, over the limit of {_limits.WholeFileBytes} ('whole-file-bytes') for files that are read whole", entry.Path);
            Drop(entry);
            whole = false;
        }

        // One reading serves everyone: where one visitor needs it whole, a window that is the whole file suits the others too.
        if (whole)
        {
            HandWhole(entry, reader);
        }
        else if (windows)
        {
            HandWindows(entry, reader);
        }
    }

    /// <summary>Only those that take windows go on.</summary>
    private void Drop(LayerEntry entry)
    {
        for (var i = 0; i < _active.Length; i++)
        {
            if (_active[i] is not null && _facts.Visitors[i].Visit(entry) == ContentInterest.Whole)
            {
                _active[i] = null;
            }
        }
    }

    private void HandWhole(LayerEntry entry, TarReader reader)
    {
        if (entry.Size <= TarReader.WindowBytes)
        {
            Hand(entry, new ContentWindow(reader.Peek((int)entry.Size), 0, 0, IsLast: true));
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)entry.Size);
        try
        {
            var count = reader.Read(buffer.AsSpan(0, (int)entry.Size));
            Hand(entry, new ContentWindow(buffer.AsMemory(0, count), 0, 0, IsLast: true));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void HandWindows(LayerEntry entry, TarReader reader)
    {
        long offset = 0;
        var overlap = 0;
        while (true)
        {
            var bytes = reader.Peek(_limits.WindowBytes);
            var last = bytes.Length == reader.ContentLeft;
            Hand(entry, new ContentWindow(bytes, offset, overlap, last));
            if (last)
            {
                return;
            }

            overlap = _limits.OverlapOf(bytes.Length);
            reader.Advance(bytes.Length - overlap);
            offset += bytes.Length - overlap;
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
                _facts.AddGap(_facts.Visitors[i].GetType().Name, $"it could not be understood ({e.Message.TrimEnd('.')})", entry.Path);
                _active[i] = null;
            }
        }
    }

    private LayerEntry? ToEntry(TarHeader tar, string path) => tar.Kind == TarKind.Unknown ? null : new LayerEntry
    {
        Path = path,
        Type = (EntryType)tar.Kind,
        LayerIndex = _facts.Layer.Index,
        Ordinal = _facts.Entries.Count,
        Size = tar.Size,
        Mode = tar.Mode,
        UserId = tar.UserId,
        GroupId = tar.GroupId,
        LinkTarget = tar.Kind switch
        {
            TarKind.HardLink => EntryPath.Clean(tar.LinkName),
            TarKind.SymbolicLink => tar.LinkName,
            _ => null,
        },
        Modified = tar.Modified,
        ExtendedAttributes = tar.ExtendedAttributes,
    };
}
