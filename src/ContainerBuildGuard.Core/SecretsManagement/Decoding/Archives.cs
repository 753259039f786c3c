using System.Buffers;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Opens archives (zip and what is one: nupkg, jar, docx; tar; gzip) and hands out their entries, in memory and within bounds.</summary>
internal static class Archives
{
    public const int MostDepth = 3;
    public const int MostEntryBytes = 16 << 20;
    private const long MostBytes = 256L << 20;
    private const int MostEntries = 20_000;

    /// <summary>Files that are worth reading whole for what is in them.</summary>
    public static bool IsNamedLikeOne(string name) => Path.GetExtension(name).ToLowerInvariant() is ".zip" or ".nupkg" or ".snupkg" or ".jar" or ".war" or ".tar" or ".gz" or ".tgz" or ".whl" or ".vsix" or ".docx" or ".xlsx" or ".apk" or ".aar";

    public static bool IsOne(ReadOnlySpan<byte> bytes) => IsZip(bytes) || IsGzip(bytes) || IsTar(bytes);

    /// <summary>Every file in the archive. <paramref name="unread"/> is told of what was left out for its size, number or encryption.</summary>
    public static void Read(ReadOnlyMemory<byte> bytes, Action<string, ReadOnlyMemory<byte>> visit, Action<string> unread)
    {
        try
        {
            if (IsZip(bytes.Span))
            {
                ReadZip(bytes, visit, unread);
            }
            else if (IsGzip(bytes.Span))
            {
                using var gzip = new GZipStream(Open(bytes), CompressionMode.Decompress);
                Take("", gzip, visit, unread, MostBytes);
            }
            else
            {
                ReadTar(Open(bytes), visit, unread);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or FormatException or ArgumentException or OverflowException)
        {
            // Not what its first bytes say, or damaged: its bytes were searched as they are; nobody can unpack it either.
        }
    }

    private static void ReadZip(ReadOnlyMemory<byte> bytes, Action<string, ReadOnlyMemory<byte>> visit, Action<string> unread)
    {
        using var zip = new ZipArchive(Open(bytes), ZipArchiveMode.Read);
        var (left, entries) = (MostBytes, 0);
        foreach (var entry in zip.Entries)
        {
            if (++entries > MostEntries || left <= 0)
            {
                unread($"it has more than {MostEntries} files or {MostBytes >> 20} MiB");
                return;
            }

            if (entry.FullName.EndsWith('/') || entry.Length == 0)
            {
                continue;
            }

            if (entry.IsEncrypted)
            {
                unread($"{entry.FullName} in it is encrypted");
                continue;
            }

            using var content = entry.Open();
            left -= Take(entry.FullName, content, visit, unread, left);
        }
    }

    private static void ReadTar(Stream stream, Action<string, ReadOnlyMemory<byte>> visit, Action<string> unread)
    {
        using var tar = new TarReader(stream);
        var (left, entries) = (MostBytes, 0);
        while (tar.GetNextEntry() is { } entry)
        {
            if (++entries > MostEntries || left <= 0)
            {
                unread($"it has more than {MostEntries} files or {MostBytes >> 20} MiB");
                return;
            }

            if (entry.DataStream is { } content)
            {
                left -= Take(entry.Name, content, visit, unread, left);
            }
        }
    }

    private static long Take(string name, Stream content, Action<string, ReadOnlyMemory<byte>> visit, Action<string> unread, long left)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 << 10);
        try
        {
            var length = 0;
            while (content.Read(buffer, length, buffer.Length - length) is > 0 and var read)
            {
                length += read;
                if (length < buffer.Length)
                {
                    continue;
                }

                if (length >= Math.Min(MostEntryBytes, left))
                {
                    unread($"{(name.Length == 0 ? "its content" : name)} has more than {MostEntryBytes >> 20} MiB");
                    break;
                }

                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
                buffer = larger;
            }

            visit(name, buffer.AsMemory(0, length));
            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }
    }

    private static MemoryStream Open(ReadOnlyMemory<byte> bytes) =>
        MemoryMarshal.TryGetArray(bytes, out var segment) ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false) : new MemoryStream(bytes.ToArray(), writable: false);

    private static bool IsZip(ReadOnlySpan<byte> bytes) => bytes.StartsWith("PK\x03\x04"u8);

    private static bool IsGzip(ReadOnlySpan<byte> bytes) => bytes is [0x1F, 0x8B, 8, ..];

    private static bool IsTar(ReadOnlySpan<byte> bytes) => bytes.Length > 512 && bytes.Slice(257, 5).SequenceEqual("ustar"u8);
}
