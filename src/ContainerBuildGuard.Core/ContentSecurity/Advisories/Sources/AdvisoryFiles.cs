using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>One document of an input, with a name for messages.</summary>
internal readonly record struct AdvisoryDocument(string Name, ReadOnlyMemory<byte> Bytes);

/// <summary>Reads the documents of a file, a zip or a folder, within bounds, ahead of whoever takes them.</summary>
internal static class AdvisoryFiles
{
    private const int MaxDocumentBytes = 64 << 20;
    private const long MaxTotalBytes = 32L << 30;
    private const int MaxEntries = 4_000_000;
    private const int Ahead = 256;

    /// <summary>The files of <paramref name="path"/> that can hold advisories, in order: itself, or those in a folder and below.</summary>
    public static string[] List(string path) => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsInput).Order(StringComparer.Ordinal)]
        : [path];

    /// <summary>The documents of one file, inflated by a thread of its own.</summary>
    /// <exception cref="InvalidDataException">A damaged zip, a hostile name, or something over a bound.</exception>
    public static IEnumerable<AdvisoryDocument> Read(string file, CancellationToken cancellationToken)
    {
        if (!file.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
        {
            yield return new AdvisoryDocument(file, ReadPlain(file));
            yield break;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var queue = new BlockingCollection<AdvisoryDocument>(Ahead);
        var producer = Task.Run(() => Inflate(file, queue, stop.Token), CancellationToken.None);
        try
        {
            foreach (var document in queue.GetConsumingEnumerable(cancellationToken))
            {
                yield return document;
            }

            producer.GetAwaiter().GetResult();
        }
        finally
        {
            stop.Cancel();
            ((IAsyncResult)producer).AsyncWaitHandle.WaitOne();
        }
    }

    private static bool IsInput(string file) => Path.GetExtension(file).ToLowerInvariant() is ".json" or ".zip" or ".csv" or ".gz";

    private static byte[] ReadPlain(string file)
    {
        using var stream = File.OpenRead(file);
        using Stream content = file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using var buffer = new MemoryStream();
        var chunk = new byte[1 << 16];
        while (content.Read(chunk) is > 0 and var count)
        {
            buffer.Write(chunk, 0, count);
            if (buffer.Length > MaxDocumentBytes)
            {
                throw TooLarge(file);
            }
        }

        return buffer.ToArray();
    }

    private static void Inflate(string file, BlockingCollection<AdvisoryDocument> queue, CancellationToken cancellationToken)
    {
        try
        {
            using var zip = ZipFile.OpenRead(file);
            if (zip.Entries.Count > MaxEntries)
            {
                throw new InvalidDataException($"it has more than {MaxEntries} entries");
            }

            var total = 0L;
            foreach (var entry in zip.Entries)
            {
                // Nothing is unpacked to disk; a name that tries to leave its folder is still no advisory's.
                if (entry.FullName.Contains("..", StringComparison.Ordinal) || entry.FullName.StartsWith('/') || entry.FullName.Contains('\\', StringComparison.Ordinal))
                {
                    throw new InvalidDataException($"it has an entry named '{entry.FullName}', which points outside the zip");
                }

                if (!entry.Name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                total += entry.Length;
                if (entry.Length > MaxDocumentBytes || total > MaxTotalBytes)
                {
                    throw TooLarge(entry.FullName);
                }

                // The length is the zip's claim: what inflates beyond it, or ends before, is refused.
                var bytes = new byte[entry.Length];
                using var content = entry.Open();
                content.ReadExactly(bytes);
                if (content.ReadByte() >= 0)
                {
                    throw new InvalidDataException($"{entry.FullName} inflates to more than the {entry.Length} bytes that the zip says");
                }

                queue.Add(new AdvisoryDocument(entry.FullName, bytes), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody takes any more.
        }
        finally
        {
            queue.CompleteAdding();
        }
    }

    private static InvalidDataException TooLarge(string name) => new(string.Create(CultureInfo.InvariantCulture, $"{name} goes over the limit of {MaxDocumentBytes >> 20} MiB a document or {MaxTotalBytes >> 30} GiB a file"));
}
