using System.IO.Compression;
using System.Runtime.InteropServices;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>Lists that package managers keep, compressed or not. What grows past its limit when it is unpacked is not read.</summary>
internal static class CompressedFile
{
    /// <summary>The plain content; a problem where the file cannot be read, or is compressed as nothing here can unpack.</summary>
    /// <param name="host">Reads.</param>
    /// <param name="path">The file, whose ending says how it is compressed.</param>
    /// <param name="maxBytes">The most that the file may hold as it lies there.</param>
    public static Probed<Stream> Open(HostReader host, string path, int maxBytes)
    {
        var kind = Path.GetExtension(path);
        return kind is ".xz" or ".zck" or ".bz2" or ".lz4" or ".lzma"
            ? Probed<Stream>.Unreadable($"{path} is compressed in a way that the guard does not read ({kind})")
            : host.Bytes(path, maxBytes).Select<Stream>(bytes =>
            {
                var file = MemoryMarshal.TryGetArray(bytes, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(bytes.ToArray());
                return kind switch
                {
                    ".gz" => new GZipStream(file, CompressionMode.Decompress),
                    ".zst" => new ZstdSharp.DecompressionStream(file),
                    _ => file,
                };
            });
    }

    /// <summary>The plain content at once; a problem also where it is larger than <paramref name="maxBytes"/>.</summary>
    public static Probed<ReadOnlyMemory<byte>> Bytes(HostReader host, string path, int maxBytes)
    {
        var file = Open(host, path, maxBytes);
        if (!file.Found)
        {
            return file.Select(_ => ReadOnlyMemory<byte>.Empty);
        }

        using var stream = file.Value;
        try
        {
            var content = new MemoryStream();
            var buffer = new byte[64 << 10];
            while (stream.Read(buffer) is > 0 and var count)
            {
                content.Write(buffer, 0, count);
                if (content.Length > maxBytes)
                {
                    return Probed<ReadOnlyMemory<byte>>.Unreadable($"{path} unpacks to more than {maxBytes >> 20} MiB");
                }
            }

            return new ReadOnlyMemory<byte>(content.GetBuffer(), 0, (int)content.Length);
        }
        catch (Exception e) when (e is InvalidDataException or ZstdSharp.ZstdException)
        {
            return Probed<ReadOnlyMemory<byte>>.Unreadable($"{path} is damaged ({e.Message.TrimEnd('.')})");
        }
    }
}
