using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Images;

/// <summary>Writes one image as an OCI archive that engines load under given tags.</summary>
public static class OciArchiveWriter
{
    /// <summary>Writes <paramref name="image"/>'s exact manifest, configuration and layers, named <c>repository:tag</c> for each tag.</summary>
    public static async Task WriteAsync(Image image, string repository, IReadOnlyList<string> tags, Stream output, CancellationToken cancellationToken)
    {
        await using var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var layer in image.Manifest.Layers.DistinctBy(l => l.Digest))
        {
            await using var content = await image.Blobs.OpenAsync(layer, cancellationToken).ConfigureAwait(false);
            await AddStreamAsync(tar, BlobPath(layer.Digest), content, layer.Size, cancellationToken).ConfigureAwait(false);
        }

        await AddAsync(tar, BlobPath(image.Manifest.Config.Digest), image.ConfigBytes, cancellationToken).ConfigureAwait(false);
        await AddAsync(tar, BlobPath(image.Digest), image.ManifestBytes, cancellationToken).ConfigureAwait(false);
        await AddAsync(tar, "oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray(), cancellationToken).ConfigureAwait(false);
        var index = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciIndex,
            ["manifests"] = new JsonArray([.. tags.Select(tag => new JsonObject
            {
                ["mediaType"] = image.Descriptor.MediaType,
                ["digest"] = image.Digest.ToString(),
                ["size"] = image.ManifestBytes.Length,
                ["annotations"] = new JsonObject
                {
                    ["io.containerd.image.name"] = $"docker.io/library/{repository}:{tag}",
                    ["org.opencontainers.image.ref.name"] = $"{repository}:{tag}",
                },
            })]),
        };
        await AddAsync(tar, "index.json", Encoding.UTF8.GetBytes(index.ToJsonString()), cancellationToken).ConfigureAwait(false);
    }

    private static string BlobPath(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";

    private static Task AddAsync(TarWriter tar, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content.ToArray()) }, cancellationToken);

    private static async Task AddStreamAsync(TarWriter tar, string name, Stream content, long size, CancellationToken cancellationToken)
    {
        // The tar writer needs a seekable stream for the size in the header; a private file keeps memory bounded.
        var path = Path.Combine(Path.GetTempPath(), $"cbg-{Path.GetRandomFileName()}");
        await using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, PreallocationSize = size });
        await content.CopyToAsync(file, cancellationToken).ConfigureAwait(false);
        file.Position = 0;
        await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = file }, cancellationToken).ConfigureAwait(false);
    }
}
