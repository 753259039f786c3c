using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>
/// A base image of real Debian packages (mmdebstrap) and this machine's own ASP.NET Core runtime, for places that cannot reach
/// mcr.microsoft.com. The layers are built once and kept in the user's cache. The arm64 half of the index shares the amd64 layers: enough to build on, not to run.
/// </summary>
public static class DebianBaseImage
{
    public static bool IsAvailable => ProcessRunner.Exists("mmdebstrap") && ProcessRunner.Exists("skopeo") && Environment.IsPrivilegedProcess;

    /// <summary>Pushes the base to <c>HOST/base/aspnet:10.0</c>; in Docker's format under the tag <c>10.0-docker</c>.</summary>
    public static async Task PushAsync(RegistryServer registry, string? credentials = null)
    {
        var layout = await BuildAsync($"base-{Environment.Version}", "ca-certificates", WriteRuntime);
        string[] login = credentials is null ? [] : ["--dest-creds", credentials];
        await ProcessRunner.MustAsync("skopeo", ["copy", "-q", "--all", "--dest-tls-verify=false", .. login, $"oci:{layout}:base", $"docker://127.0.0.1:{registry.Port}/base/aspnet:10.0"]);
        await ProcessRunner.MustAsync("skopeo", ["copy", "-q", "--all", "--format", "v2s2", "--dest-tls-verify=false", .. login, $"oci:{layout}:base", $"docker://127.0.0.1:{registry.Port}/base/aspnet:10.0-docker"]);
    }

    /// <summary>Pushes a base without a runtime, for self-contained apps, to <c>HOST/base/deps:10.0</c>.</summary>
    public static async Task PushForSelfContainedAsync(RegistryServer registry)
    {
        var layout = await BuildAsync("deps", "ca-certificates,libicu72,libssl3,openssl,tzdata", null);
        await ProcessRunner.MustAsync("skopeo", ["copy", "-q", "--all", "--dest-tls-verify=false", $"oci:{layout}:base", $"docker://127.0.0.1:{registry.Port}/base/deps:10.0"]);
    }

    private static async Task<string> BuildAsync(string name, string packages, Action<string>? writeRuntime)
    {
        var cache = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "containerbuildguard-tests");
        var layout = Path.Combine(cache, name);
        if (File.Exists(Path.Combine(layout, "index.json")))
        {
            return layout;
        }

        var work = $"{layout}.{Path.GetRandomFileName()}";
        var blobs = Directory.CreateDirectory(Path.Combine(work, "blobs", "sha256")).FullName;
        var system = Path.Combine(work, "system.tar");
        await ProcessRunner.MustAsync("mmdebstrap", "--variant=minbase", $"--include={packages}", "bookworm", system);
        var layers = new List<(Descriptor Descriptor, Digest DiffId)> { Compress(system, blobs) };
        var history = new List<JsonNode> { new JsonObject { ["created_by"] = "mmdebstrap bookworm" } };
        if (writeRuntime is not null)
        {
            var runtime = Path.Combine(work, "runtime.tar");
            writeRuntime(runtime);
            layers.Add(Compress(runtime, blobs));
            history.Add(new JsonObject { ["created_by"] = "ASP.NET Core runtime" });
        }

        var index = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciIndex,
            ["manifests"] = new JsonArray([.. ((string[])["amd64", "arm64"]).Select(a => (JsonNode)Manifest(a, layers, history, blobs))]),
        };
        var root = Write(blobs, MediaTypes.OciIndex, index);
        root["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = "base" };
        await File.WriteAllTextAsync(Path.Combine(work, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
        await File.WriteAllTextAsync(Path.Combine(work, "index.json"), new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(root) }.ToJsonString());
        if (Directory.Exists(layout))
        {
            Directory.Delete(layout, recursive: true);
        }

        Directory.Move(work, layout);
        return layout;
    }

    private static JsonObject Manifest(string architecture, List<(Descriptor Descriptor, Digest DiffId)> layers, List<JsonNode> history, string blobs)
    {
        var config = Write(blobs, MediaTypes.OciConfig, new JsonObject
        {
            ["architecture"] = architecture,
            ["os"] = "linux",
            ["config"] = new JsonObject
            {
                ["Env"] = new JsonArray("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1", "ASPNETCORE_HTTP_PORTS=8080"),
            },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. layers.Select(l => (JsonNode)l.DiffId.ToString())]) },
            ["history"] = new JsonArray([.. history.Select(h => h.DeepClone())]),
        });
        var manifest = Write(blobs, MediaTypes.OciManifest, new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = config,
            ["layers"] = new JsonArray([.. layers.Select(l => (JsonNode)Json(l.Descriptor))]),
        });
        manifest["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = architecture };
        return manifest;
    }

    private static void WriteRuntime(string path)
    {
        var dotnet = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetDirectoryName(typeof(object).Assembly.Location)!)))!;
        using var file = File.Create(path);
        using var tar = new TarWriter(file, TarEntryFormat.Pax);
        string[] folders = [$"shared/Microsoft.NETCore.App/{Environment.Version}", $"shared/Microsoft.AspNetCore.App/{Environment.Version}", "host"];
        foreach (var source in folders.SelectMany(f => Directory.EnumerateFiles(Path.Combine(dotnet, f), "*", SearchOption.AllDirectories)).Append(Path.Combine(dotnet, "dotnet")).Order(StringComparer.Ordinal))
        {
            using var content = File.OpenRead(source);
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, $"usr/share/dotnet/{Path.GetRelativePath(dotnet, source)}")
            {
                Mode = (UnixFileMode)(Path.GetFileName(source) == "dotnet" ? 0b111_101_101 : 0b110_100_100),
                ModificationTime = DateTimeOffset.UnixEpoch,
                DataStream = content,
            });
        }

        tar.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "usr/bin/dotnet") { LinkName = "/usr/share/dotnet/dotnet", ModificationTime = DateTimeOffset.UnixEpoch });
    }

    private static (Descriptor Descriptor, Digest DiffId) Compress(string tar, string blobs)
    {
        var gzip = tar + ".gz";
        using (var source = File.OpenRead(tar))
        using (var target = new GZipStream(File.Create(gzip), CompressionLevel.Fastest))
        {
            source.CopyTo(target);
        }

        var diffId = Hash(tar);
        File.Delete(tar);
        var digest = Hash(gzip);
        var descriptor = new Descriptor { MediaType = MediaTypes.OciLayerGzip, Digest = digest, Size = new FileInfo(gzip).Length };
        File.Move(gzip, Path.Combine(blobs, digest.Hex));
        return (descriptor, diffId);
    }

    private static Digest Hash(string file)
    {
        using var stream = File.OpenRead(file);
        return Digest.FromHash("sha256", System.Security.Cryptography.SHA256.HashData(stream));
    }

    private static JsonObject Write(string blobs, string mediaType, JsonObject content)
    {
        var bytes = Encoding.UTF8.GetBytes(content.ToJsonString());
        var descriptor = Descriptor.Of(mediaType, bytes);
        File.WriteAllBytes(Path.Combine(blobs, descriptor.Digest.Hex), bytes);
        return Json(descriptor);
    }

    private static JsonObject Json(Descriptor d) => new() { ["mediaType"] = d.MediaType, ["digest"] = d.Digest.ToString(), ["size"] = d.Size };
}
