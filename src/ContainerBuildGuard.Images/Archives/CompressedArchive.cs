using System.IO.Compression;

namespace ContainerBuildGuard.Images.Archives;

/// <summary>
/// Inflates compressed archives. An archive's index mostly lies at its end and its layers are read in parallel, and a compressed stream can be read in
/// neither way; so it is inflated once into a temporary file that only its owner can read, bounded, and deleted with the set. Nothing is lost by it: the layers inside
/// are compressed already, and the file has about the archive's own size.
/// </summary>
internal static class CompressedArchive
{
    /// <summary>The path of the plain tar, and the folder to delete afterwards where it was inflated.</summary>
    /// <exception cref="ImageException">Damaged, of a compression that is not known, or over the limit.</exception>
    public static async Task<(string Path, DirectoryInfo? Temporary)> InflateAsync(string path, ImageLimits limits, CancellationToken cancellationToken)
    {
        await using var file = FileErrors.Guard(() => new FileStream(path, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan }), path);
        var magic = new byte[6];
        var count = await file.ReadAtLeastAsync(magic, magic.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        file.Position = 0;
        await using var inflated = magic.AsSpan(0, count) switch
        {
            [0x1f, 0x8b, ..] => new GZipStream(file, CompressionMode.Decompress),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => (Stream)new ZstdSharp.DecompressionStream(file),
            [(byte)'B', (byte)'Z', (byte)'h', ..] => throw Unsupported(path, "bzip2"),
            [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0] => throw Unsupported(path, "xz"),
            _ => null,
        };
        if (inflated is null)
        {
            return (path, null);
        }

        var folder = Directory.CreateTempSubdirectory("cbg-");
        try
        {
            var plain = Path.Combine(folder.FullName, "image.tar");
            await CopyAsync(inflated, plain, path, limits, cancellationToken).ConfigureAwait(false);
            return (plain, folder);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    private static async Task CopyAsync(Stream inflated, string plain, string path, ImageLimits limits, CancellationToken cancellationToken)
    {
        try
        {
            await using var output = new FileStream(plain, FileMode.CreateNew, FileAccess.Write);
            await inflated.CopyAtMostAsync(output, limits.ArchiveBytes, $"'{path}' inflated", cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ZstdSharp.ZstdException)
        {
            throw new ImageException(ImageError.Malformed, $"The archive '{path}' cannot be inflated: it is truncated or damaged; build or export it again.", e);
        }
        catch (IOException e)
        {
            throw new ImageException(ImageError.Io, $"The archive '{path}' cannot be inflated into the temporary folder ({e.Message.TrimEnd('.')}): make space there, or inflate it by hand.", e);
        }
    }

    private static ImageException Unsupported(string path, string compression) =>
        new(ImageError.Unsupported, $"The archive '{path}' is compressed with {compression}, this reads gzip and zstd: decompress it first.");
}
