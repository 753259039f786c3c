using System.Globalization;
using System.IO.Compression;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>One document of an input, with a name for messages.</summary>
internal readonly record struct AdvisoryDocument(string Name, ReadOnlyMemory<byte> Bytes);

/// <summary>Finds and reads the documents of an input, within bounds.</summary>
internal static class AdvisoryFiles
{
    private const int MaxDocumentBytes = 64 << 20;
    private const long MaxTotalBytes = 32L << 30;
    private const int MaxEntries = 4_000_000;

    /// <summary>The files of <paramref name="path"/> that can hold advisories, in order: itself, or those in a folder and below.</summary>
    public static string[] List(string path) => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(IsInput).Order(StringComparer.Ordinal)]
        : [path];

    public static bool IsZip(string file) => file.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    /// <summary>The records of a zip.</summary>
    /// <exception cref="InvalidDataException">A hostile name, or something over a bound.</exception>
    public static IEnumerable<ZipRecord> Records(ZipRecords zip)
    {
        if (zip.Count > MaxEntries)
        {
            throw new InvalidDataException($"it has more than {MaxEntries} entries");
        }

        var total = 0L;
        foreach (var record in zip.List())
        {
            // Nothing is unpacked to disk; a name that tries to leave its folder is still no advisory's.
            if (record.Name.Contains("..", StringComparison.Ordinal) || record.Name.StartsWith('/') || record.Name.Contains('\\', StringComparison.Ordinal))
            {
                throw new InvalidDataException($"it has an entry named '{record.Name}', which points outside the zip");
            }

            total += record.Bytes;
            if (record.Bytes > MaxDocumentBytes || record.CompressedBytes > MaxDocumentBytes || total > MaxTotalBytes)
            {
                throw TooLarge(record.Name);
            }

            if (record.Name.EndsWith(".json", StringComparison.OrdinalIgnoreCase))
            {
                yield return record;
            }
        }
    }

    /// <summary>A file that is a document by itself.</summary>
    /// <exception cref="InvalidDataException">Damaged, or over the bound.</exception>
    public static AdvisoryDocument ReadPlain(string file)
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

        return new AdvisoryDocument(file, buffer.ToArray());
    }

    private static bool IsInput(string file) => Path.GetExtension(file).ToLowerInvariant() is ".json" or ".zip" or ".csv" or ".gz";

    private static InvalidDataException TooLarge(string name) => new(string.Create(CultureInfo.InvariantCulture, $"{name} goes over the limit of {MaxDocumentBytes >> 20} MiB a document or {MaxTotalBytes >> 30} GiB a file"));
}
