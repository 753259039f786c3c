using System.Text.Json;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>The files in which Docker, Podman and the .NET SDK look for registry credentials. Values are neither decoded nor kept.</summary>
internal static class CredentialFiles
{
    private static readonly string[] SecretProperties = ["auth", "password", "identitytoken", "registrytoken"];

    public static IEnumerable<CredentialFile> Read(HostReader host, List<string> problems)
    {
        foreach (var path in Files(host).Where(p => p.StartsWith('/')).Distinct(StringComparer.Ordinal))
        {
            if (host.Stat(path) is { Found: false, Problem: null })
            {
                continue;
            }

            var text = host.Text(path, problems);
            CredentialFile? file = null;
            try
            {
                file = text.Length == 0 ? null : Parse(path, text);
            }
            catch (JsonException exception)
            {
                problems.Add($"{path} is not a credentials file: {exception.Message}");
            }

            if (file is not null)
            {
                foreach (var helper in file.Helpers)
                {
                    host.Group("credential-helper", [.. (host.Probe.EnvironmentVariable("PATH") ?? "").Split(':').Where(f => f.StartsWith('/')).Select(f => $"{f.TrimEnd('/')}/docker-credential-{helper}")]);
                }

                yield return file;
            }
        }
    }

    private static IEnumerable<string> Files(HostReader host)
    {
        yield return $"{(host.Probe.EnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } folder ? folder : host.Home + "/.docker")}/config.json";
        yield return $"{host.Probe.EnvironmentVariable("XDG_CONFIG_HOME") ?? host.Home + "/.config"}/containers/auth.json";
        yield return host.Probe.EnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime ? $"{runtime}/containers/auth.json" : "";
        yield return host.Probe.EnvironmentVariable("REGISTRY_AUTH_FILE") ?? "";
    }

    private static CredentialFile Parse(string path, string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement : throw new JsonException("not a JSON object");
        string[] inClear = !root.TryGetProperty("auths", out var auths) || auths.ValueKind != JsonValueKind.Object ? []
            : [.. auths.EnumerateObject().Where(entry => entry.Value.ValueKind == JsonValueKind.Object && SecretProperties.Any(name =>
                entry.Value.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0)).Select(entry => entry.Name)];
        List<string> helpers = root.TryGetProperty("credsStore", out var store) && store.ValueKind == JsonValueKind.String && store.GetString() is { Length: > 0 } one ? [one] : [];
        if (root.TryGetProperty("credHelpers", out var some) && some.ValueKind == JsonValueKind.Object)
        {
            helpers.AddRange(some.EnumerateObject().Where(h => h.Value.ValueKind == JsonValueKind.String).Select(h => h.Value.GetString()!));
        }

        return new CredentialFile(path, [.. inClear], [.. helpers.Where(h => h.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')).Distinct(StringComparer.Ordinal)]);
    }
}
