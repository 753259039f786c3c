using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Images;

/// <summary>Writes one image as an OCI archive that engines load under given tags.</summary>
public static class OciArchiveWriter
{
    /// <summary>Writes <paramref name="image"/>'s exact manifest, configuration and layers, named <c>repository:tag</c> for each tag.</summary>
    /// <param name="image">The image.</param>
    /// <param name="repository">The name without its tag.</param>
    /// <param name="tags">The tags.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="forDocker">Adds the <c>manifest.json</c> that Docker before 25 reads, as current ones do beside the layout.</param>
    /// <exception cref="ImageException">Content is not what its digest says.</exception>
    public static async Task WriteAsync(Image image, string repository, IReadOnlyList<string> tags, Stream output, CancellationToken cancellationToken, bool forDocker = false)
    {
        await using var tar = new TarWriter(output, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var layer in image.Manifest.Layers.DistinctBy(l => l.Digest))
        {
            await using var content = await image.Blobs.OpenAsync(layer, cancellationToken).ConfigureAwait(false);
            await AddAsync(tar, BlobPath(layer.Digest), new SizedStream(content, layer.Size), cancellationToken).ConfigureAwait(false);
        }

        await AddAsync(tar, BlobPath(image.Manifest.Config.Digest), image.ConfigBytes, cancellationToken).ConfigureAwait(false);
        await AddAsync(tar, BlobPath(image.Digest), image.ManifestBytes, cancellationToken).ConfigureAwait(false);
        await AddAsync(tar, "oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray(), cancellationToken).ConfigureAwait(false);
        await AddAsync(tar, "index.json", Index(image, repository, tags), cancellationToken).ConfigureAwait(false);
        if (forDocker)
        {
            await AddAsync(tar, "manifest.json", DockerManifest(image, repository, tags), cancellationToken).ConfigureAwait(false);
        }
    }

    private static byte[] Index(Image image, string repository, IReadOnlyList<string> tags) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["schemaVersion"] = 2,
        ["mediaType"] = MediaTypes.OciIndex,
        ["manifests"] = new JsonArray([.. tags.Select(tag => (JsonNode)new JsonObject
        {
            ["mediaType"] = image.Descriptor.MediaType,
            ["digest"] = image.Digest.ToString(),
            ["size"] = image.ManifestBytes.Length,
            ["annotations"] = new JsonObject
            {
                ["io.containerd.image.name"] = ImageReference.Parse($"{repository}:{tag}").ToString(),
                ["org.opencontainers.image.ref.name"] = $"{repository}:{tag}",
            },
        })]),
    }.ToJsonString());

    private static byte[] DockerManifest(Image image, string repository, IReadOnlyList<string> tags) => Encoding.UTF8.GetBytes(new JsonArray(new JsonObject
    {
        ["Config"] = BlobPath(image.Manifest.Config.Digest),
        ["RepoTags"] = new JsonArray([.. tags.Select(tag => (JsonNode)$"{repository}:{tag}")]),
        ["Layers"] = new JsonArray([.. image.Manifest.Layers.Select(l => (JsonNode)BlobPath(l.Digest))]),
    }).ToJsonString());

    private static string BlobPath(Digest digest) => $"blobs/{digest.Algorithm}/{digest.Hex}";

    private static Task AddAsync(TarWriter tar, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        AddAsync(tar, name, new MemoryStream(content.ToArray()), cancellationToken);

    private static Task AddAsync(TarWriter tar, string name, Stream content, CancellationToken cancellationToken) =>
        tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = content }, cancellationToken);

    /// <summary>Tells the tar writer the size that it otherwise seeks for. Content is read once, forward, to its end: that verifies it.</summary>
    private sealed class SizedStream(Stream content, long size) : Stream
    {
        private long _position;

        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => size;
        public override long Position { get => _position; set => Seek(value, SeekOrigin.Begin); }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _position += count;
            if (_position == size)
            {
                // The tar writer stops at the size; the read past it is the one that verifies the digest.
                _ = await content.ReadAsync(new byte[1], cancellationToken).ConfigureAwait(false);
            }

            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => offset == _position && origin == SeekOrigin.Begin ? _position : throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
