using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Testing;

/// <summary>Builds a tiny image in memory in a few fluent lines.</summary>
public sealed class ImageBuilder
{
    private readonly JsonObject _config = [];
    private string? _created;

    /// <summary>The layers, lowest first, each with its step of the history.</summary>
    public List<(LayerBuilder Content, JsonObject History)> Layers { get; } = [];

    /// <summary>The manifest's media type.</summary>
    public string Format { get; set; } = MediaTypes.OciManifest;

    public string Architecture { get; set; } = "amd64";

    public ImageBuilder Layer(Action<LayerBuilder> build, string createdBy = "")
    {
        var layer = new LayerBuilder();
        build(layer);
        Layers.Add((layer, new JsonObject { ["created_by"] = createdBy }));
        return this;
    }

    public ImageBuilder User(string user) => Set("User", user);

    public ImageBuilder Env(params string[] env) => Set("Env", Strings(env));

    public ImageBuilder Entrypoint(params string[] entrypoint) => Set("Entrypoint", Strings(entrypoint));

    public ImageBuilder Cmd(params string[] cmd) => Set("Cmd", Strings(cmd));

    public ImageBuilder Ports(params string[] ports) =>
        Set("ExposedPorts", new JsonObject(ports.Select(p => KeyValuePair.Create(p, (JsonNode?)new JsonObject()))));

    public ImageBuilder Label(string name, string value)
    {
        var labels = _config["Labels"] as JsonObject ?? [];
        labels[name] = value;
        _config["Labels"] = labels;
        return this;
    }

    /// <summary>When the image says it was built.</summary>
    public ImageBuilder Created(string time)
    {
        _created = time;
        return this;
    }

    /// <summary>Sets any member of the runtime config (<c>WorkingDir</c>, <c>StopSignal</c>…).</summary>
    public ImageBuilder Set(string name, JsonNode value)
    {
        _config[name] = value;
        return this;
    }

    /// <summary>The finished image over a store in memory.</summary>
    public Image Build(string reference = "test:latest")
    {
        var blobs = new MemoryBlobStore();
        var layers = Layers.ConvertAll(l => (Tar: l.Content.ToTar(), Gzip: (byte[]?)null)).ConvertAll(l => (l.Tar, Gzip: Compress(l.Tar)));
        var config = new JsonObject
        {
            ["architecture"] = Architecture,
            ["os"] = "linux",
            ["created"] = _created,
            ["config"] = _config.DeepClone(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = Strings([.. layers.Select(l => Digest.Sha256(l.Tar).ToString())]) },
            ["history"] = new JsonArray([.. Layers.Select(l => l.History.DeepClone())]),
        };
        var configBytes = Encoding.UTF8.GetBytes(config.ToJsonString());
        var configDescriptor = blobs.Add(MediaTypes.OciConfig, configBytes);
        var layerDescriptors = layers.ConvertAll(l => blobs.Add(MediaTypes.OciLayerGzip, l.Gzip));
        var manifestBytes = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = Format,
            ["config"] = ToJson(configDescriptor),
            ["layers"] = new JsonArray([.. layerDescriptors.Select(ToJson)]),
        }.ToJsonString());
        return new Image
        {
            Reference = reference,
            Descriptor = blobs.Add(Format, manifestBytes),
            ManifestBytes = manifestBytes,
            Manifest = new ImageManifest { MediaType = Format, Config = configDescriptor, Layers = [.. layerDescriptors] },
            Config = ConfigFrom(config),
            ConfigBytes = configBytes,
            Blobs = blobs,
        };
    }

    private static ImageConfig ConfigFrom(JsonObject root)
    {
        var c = (JsonObject)root["config"]!;
        return new ImageConfig
        {
            Architecture = (string)root["architecture"]!,
            Os = (string)root["os"]!,
            Created = (string?)root["created"],
            User = (string?)c["User"] ?? "",
            WorkingDir = (string?)c["WorkingDir"] ?? "",
            StopSignal = (string?)c["StopSignal"],
            Env = List(c["Env"]),
            Entrypoint = List(c["Entrypoint"]),
            Cmd = List(c["Cmd"]),
            ExposedPorts = [.. (c["ExposedPorts"] as JsonObject ?? []).Select(p => p.Key)],
            Volumes = [.. (c["Volumes"] as JsonObject ?? []).Select(p => p.Key)],
            Labels = System.Collections.Immutable.ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
                (c["Labels"] as JsonObject ?? []).Select(p => KeyValuePair.Create(p.Key, (string)p.Value!))),
            DiffIds = [.. List(root["rootfs"]!["diff_ids"]).Select(Digest.Parse)],
            History = [.. ((JsonArray)root["history"]!).Select(h => new HistoryEntry((string?)h!["created_by"] ?? "", null, null, null, false))],
        };
    }

    private static System.Collections.Immutable.ImmutableArray<string> List(JsonNode? array) => [.. (array as JsonArray ?? []).Select(v => (string)v!)];

    private static JsonArray Strings(string[] values) => new([.. values.Select(v => (JsonNode)v)]);

    private static JsonObject ToJson(Descriptor d) => new() { ["mediaType"] = d.MediaType, ["digest"] = d.Digest.ToString(), ["size"] = d.Size };

    private static byte[] Compress(byte[] tar)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(tar);
        }

        return result.ToArray();
    }
}

/// <summary>Content of one layer.</summary>
public sealed class LayerBuilder
{
    private readonly List<TarEntry> _entries = [];

    public LayerBuilder File(string path, string content, int mode = 0b110_100_100, int user = 0, int group = 0) =>
        File(path, Encoding.UTF8.GetBytes(content), mode, user, group);

    public LayerBuilder File(string path, byte[] content, int mode = 0b110_100_100, int user = 0, int group = 0)
    {
        var entry = Entry(TarEntryType.RegularFile, path, mode, user, group);
        entry.DataStream = new MemoryStream(content);
        _entries.Add(entry);
        return this;
    }

    public LayerBuilder Directory(string path, int mode = 0b111_101_101, int user = 0, int group = 0)
    {
        _entries.Add(Entry(TarEntryType.Directory, path, mode, user, group));
        return this;
    }

    public LayerBuilder SymbolicLink(string path, string target) => Link(TarEntryType.SymbolicLink, path, target);

    public LayerBuilder HardLink(string path, string target) => Link(TarEntryType.HardLink, path, target);

    /// <summary>A file that a lower layer has, deleted.</summary>
    public LayerBuilder Whiteout(string path) => File(Path.GetDirectoryName(path)!.Replace('\\', '/').TrimEnd('/') is { Length: > 0 } folder
        ? $"{folder}/.wh.{Path.GetFileName(path)}" : $".wh.{path}", "");

    /// <summary>A folder whose lower content is hidden.</summary>
    public LayerBuilder Opaque(string folder) => File($"{folder}/.wh..wh..opq", "");

    /// <summary>Any entry, ready made (PAX attributes, devices, hostile names).</summary>
    public LayerBuilder Raw(TarEntry entry)
    {
        _entries.Add(entry);
        return this;
    }

    public byte[] ToTar()
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in _entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    private LayerBuilder Link(TarEntryType type, string path, string target)
    {
        var entry = Entry(type, path, 0b111_111_111, 0, 0);
        entry.LinkName = target;
        _entries.Add(entry);
        return this;
    }

    private static PaxTarEntry Entry(TarEntryType type, string path, int mode, int user, int group) =>
        new(type, path) { Mode = (UnixFileMode)mode, Uid = user, Gid = group, ModificationTime = DateTimeOffset.UnixEpoch };
}

/// <summary>Blobs in memory.</summary>
public sealed class MemoryBlobStore : IBlobStore
{
    private readonly Dictionary<Digest, byte[]> _blobs = [];

    public Descriptor Add(string mediaType, byte[] content)
    {
        var descriptor = Descriptor.Of(mediaType, content);
        _blobs[descriptor.Digest] = content;
        return descriptor;
    }

    public ValueTask<Stream> OpenAsync(Descriptor descriptor, CancellationToken cancellationToken) =>
        new(new VerifyingStream(new MemoryStream(_blobs[descriptor.Digest], writable: false), descriptor, "memory"));
}
