using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>Docker's contexts: <c>contexts/meta/ID/meta.json</c> with certificates in <c>contexts/tls/ID/docker</c>, the id being the SHA-256 of the name.</summary>
internal static class DockerContext
{
    private const int MaxBytes = 1 << 20;

    public static string ConfigFolder(Func<string, string?> environment) => environment("DOCKER_CONFIG") is { Length: > 0 } named
        ? named
        : Path.Combine(environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".docker");

    /// <summary>The endpoint of the chosen context; null for the default one.</summary>
    public static EngineEndpoint? Current(Func<string, string?> environment)
    {
        var folder = ConfigFolder(environment);
        var config = Path.Combine(folder, "config.json");
        var name = environment("DOCKER_CONTEXT") is { Length: > 0 } named ? named
            : File.Exists(config) ? Read(config, root => root.Text("currentContext")) : null;
        if (name is null or "" or "default")
        {
            return null;
        }

        var id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));
        var meta = Path.Combine(folder, "contexts", "meta", id, "meta.json");
        if (!File.Exists(meta))
        {
            throw new ImageException(ImageError.NotFound, $"There is no Docker context '{name}': choose one of `docker context ls`.");
        }

        var tls = Path.Combine(folder, "contexts", "tls", id, "docker");
        return Read(meta, root =>
        {
            var docker = root.Member("Endpoints")?.Member("docker");
            var host = docker?.Text("Host") ?? throw new FormatException("it names no Docker host");
            return new EngineEndpoint(EngineEndpoint.Parse(host, $"The Docker context '{name}'"), Directory.Exists(tls) ? tls : null, docker?.Member("SkipTLSVerify") is { ValueKind: JsonValueKind.True });
        });
    }

    private static T Read<T>(string path, Func<JsonElement, T> read)
    {
        var bytes = FileErrors.Guard(() => new FileInfo(path).Length <= MaxBytes ? File.ReadAllBytes(path) : throw new IOException("it is too large"), path);
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ImageException(ImageError.Malformed, $"'{path}' is not what Docker writes there: repair it, or set DOCKER_HOST.");
        }
    }
}
