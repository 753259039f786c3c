using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Publishing;

/// <summary>The image of a <see cref="Rehearsal"/>: a base of one package and an app of one library, made as the SDK makes them.</summary>
internal static class RehearsalImage
{
    private const string Dependencies = """
        {"runtimeTarget":{"name":".NETCoreApp,Version=v10.0"},"targets":{".NETCoreApp,Version=v10.0":{"app/1.0.0":{"dependencies":{"Library":"1.0.0"}},"Library/1.0.0":{"runtime":{"lib/Library.dll":{"assemblyVersion":"1.0.0.0"}}}}},
        "libraries":{"app/1.0.0":{"type":"project"},"Library/1.0.0":{"type":"package","sha512":"sha512-AA=="}}}
        """;

    /// <summary>An OCI archive with <paramref name="library"/>, a .NET assembly, in the app.</summary>
    public static byte[] Make(byte[] library)
    {
        var layers = new[]
        {
            Layer(("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"u8.ToArray()),
                ("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1654:1654::/home/app:/bin/false\n"u8.ToArray()),
                ("var/lib/dpkg/status", "Package: base-files\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.4\n"u8.ToArray())),
            Layer(("app/app.deps.json", Encoding.UTF8.GetBytes(Dependencies)),
                ("app/Library.dll", library),
                ("app/appsettings.json", """{"Logging":{"LogLevel":{"Default":"Information"}},"ConnectionStrings":{"Main":"Server=db;Database=app;Integrated Security=true"},"ApiKey":""}"""u8.ToArray())),
        };
        var config = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["os"] = "linux",
            ["architecture"] = "amd64",
            ["config"] = new JsonObject { ["User"] = "1654", ["WorkingDir"] = "/app", ["Entrypoint"] = new JsonArray("dotnet", "app.dll"), ["Env"] = new JsonArray("PATH=/usr/bin:/bin") },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. layers.Select(l => (JsonNode)l.DiffId.ToString())]) },
        }.ToJsonString());
        var manifest = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciManifest,
            ["config"] = Descriptor(MediaTypes.OciConfig, config),
            ["layers"] = new JsonArray([.. layers.Select(l => (JsonNode)Descriptor(MediaTypes.OciLayerGzip, l.Blob))]),
        }.ToJsonString());
        var index = Encoding.UTF8.GetBytes(new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JsonArray(Descriptor(MediaTypes.OciManifest, manifest)) }.ToJsonString());
        return Tar([.. layers.Select(l => l.Blob).Append(config).Append(manifest).Select(b => ($"blobs/sha256/{Digest.Sha256(b).Hex}", b)), ("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray()), ("index.json", index)]);
    }

    private static (byte[] Blob, Digest DiffId) Layer(params (string Path, byte[] Content)[] files)
    {
        var tar = Tar(files);
        using var blob = new MemoryStream();
        using (var gzip = new GZipStream(blob, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(tar);
        }

        return (blob.ToArray(), Digest.Sha256(tar));
    }

    private static byte[] Tar(params (string Path, byte[] Content)[] files)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (path, content) in files)
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = new MemoryStream(content) });
            }
        }

        return stream.ToArray();
    }

    private static JsonObject Descriptor(string mediaType, byte[] content) => new() { ["mediaType"] = mediaType, ["digest"] = Digest.Sha256(content).ToString(), ["size"] = content.Length };
}
