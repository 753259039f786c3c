using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Images.Archives;

/// <summary>Image archives as programs write them, entry by entry, for a test to bend.</summary>
internal sealed class ArchiveFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-archive-");
    private readonly List<TarEntry> _entries = [];

    public string Path => System.IO.Path.Combine(_folder.FullName, "image.tar");

    public ArchiveFile Add(string name, byte[] content)
    {
        _entries.Add(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        return this;
    }

    public ArchiveFile Add(string name, JsonNode content) => Add(name, Encoding.UTF8.GetBytes(content.ToJsonString()));

    public ArchiveFile Link(string name, string target)
    {
        _entries.Add(new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target });
        return this;
    }

    /// <summary>An OCI layout with these roots and the content of these images.</summary>
    public ArchiveFile AddLayout(IEnumerable<Descriptor> roots, params Image[] images)
    {
        Add("oci-layout", JsonNode.Parse("""{"imageLayoutVersion":"1.0.0"}""")!);
        Add("index.json", new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray([.. roots.Select(r => (JsonNode)r.ToJson())]) });
        foreach (var image in images)
        {
            AddBlob(image.Digest, image.ManifestBytes.ToArray());
            AddBlob(image.Manifest.Config.Digest, image.ConfigBytes.ToArray());
            foreach (var layer in image.Manifest.Layers)
            {
                AddBlob(layer.Digest, Content(image, layer));
            }
        }

        return this;
    }

    public ArchiveFile AddBlob(Digest digest, byte[] content) => Add($"blobs/{digest.Algorithm}/{digest.Hex}", content);

    /// <summary>The <c>manifest.json</c> of a Docker archive whose content lies where an OCI layout has it.</summary>
    public ArchiveFile AddDockerManifest(params (Image Image, string[] Names)[] images) => Add("manifest.json", new JsonArray([.. images.Select(i => (JsonNode)new JsonObject
    {
        ["Config"] = $"blobs/sha256/{i.Image.Manifest.Config.Digest.Hex}",
        ["RepoTags"] = new JsonArray([.. i.Names.Select(n => (JsonNode)n)]),
        ["Layers"] = new JsonArray([.. i.Image.Manifest.Layers.Select(l => (JsonNode)$"blobs/sha256/{l.Digest.Hex}")]),
    })]));

    /// <summary>Writes the archive; <paramref name="compress"/> wraps the file.</summary>
    public string Write(Func<Stream, Stream>? compress = null)
    {
        using var file = File.Create(Path);
        using var target = compress?.Invoke(file) ?? file;
        using var tar = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var entry in _entries)
        {
            if (entry.DataStream is { } data)
            {
                data.Position = 0;
            }

            tar.WriteEntry(entry);
        }

        return Path;
    }

    public static byte[] Content(Image image, Descriptor layer)
    {
        using var stream = image.Blobs.OpenAsync(layer, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
