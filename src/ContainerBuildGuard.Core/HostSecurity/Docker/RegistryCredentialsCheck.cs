using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>The files in which Docker, Podman and the .NET SDK look for registry credentials.</summary>
internal sealed class RegistryCredentialsCheck : IHostCheck
{
    private const int GroupAndOthers = 0x3F;
    private static readonly string[] SecretProperties = ["auth", "password", "identitytoken", "registrytoken"];

    public Rule Rule => HostSecurityRules.RegistryCredentials;

    public HostCheckResult Run(HostContext host)
    {
        var findings = new List<Finding>();
        var problems = new List<string>();
        var seen = new List<string>();
        foreach (var path in Files(host.Probe).Distinct(StringComparer.Ordinal))
        {
            var file = host.Probe.Stat(path);
            var text = host.Probe.ReadText(path);
            if (file.Found && text.Found)
            {
                seen.Add(path);
                Judge(path, file.Value, text.Value, findings, problems);
            }
            else if ((file.Problem ?? text.Problem) is { } problem)
            {
                problems.Add(problem);
            }
        }

        return seen.Count == 0 && problems.Count == 0
            ? HostCheckResult.NotApplicable("This user has no file of registry credentials.")
            : HostCheckResult.Of(findings, problems, $"{string.Join(", ", seen)}: no credential in clear, no private key that others can read.");
    }

    private static IEnumerable<string> Files(IHostProbe probe)
    {
        var docker = probe.EnvironmentVariable("DOCKER_CONFIG") is { Length: > 0 } folder ? folder : $"{probe.HomeDirectory}/.docker";
        yield return $"{docker}/config.json";
        yield return $"{(probe.EnvironmentVariable("DOCKER_CERT_PATH") is { Length: > 0 } certificates ? certificates : docker)}/key.pem";
        yield return $"{probe.EnvironmentVariable("XDG_CONFIG_HOME") ?? probe.HomeDirectory + "/.config"}/containers/auth.json";
        if (probe.EnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime)
        {
            yield return $"{runtime}/containers/auth.json";
        }

        if (probe.EnvironmentVariable("REGISTRY_AUTH_FILE") is { Length: > 0 } file)
        {
            yield return file;
        }
    }

    private void Judge(string path, HostFile file, string text, List<Finding> findings, List<string> problems)
    {
        var secret = path.EndsWith(".pem", StringComparison.Ordinal);
        try
        {
            foreach (var registry in secret ? [] : RegistriesInClear(text))
            {
                secret = true;
                findings.Add(Found(path, registry, Severity.Medium,
                    $"The credentials of {registry} stand in clear (base64 is not encryption) in {path}.",
                    $"Run `docker logout {registry}`, set \"credsStore\" (for example \"secretservice\" or \"pass\") in {path}, and log in again; on a build server prefer a short-lived token."));
            }
        }
        catch (JsonException exception)
        {
            problems.Add($"{path} is not a credentials file: {exception.Message}");
        }

        if (secret && (file.Permissions & GroupAndOthers) != 0)
        {
            findings.Add(Found(path, "mode", Rule.DefaultSeverity, $"{path} holds a secret and has mode {file.Octal}: other users can reach it.", $"Run `chmod 0600 {path}`, and renew what it holds if others had access to this machine."));
        }
    }

    private static List<string> RegistriesInClear(string json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            return [];
        }

        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("not a JSON object");
        }

        return !document.RootElement.TryGetProperty("auths", out var auths) || auths.ValueKind != JsonValueKind.Object ? []
            : [.. auths.EnumerateObject().Where(entry => entry.Value.ValueKind == JsonValueKind.Object && SecretProperties.Any(name =>
                entry.Value.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString()!.Length > 0)).Select(entry => entry.Name)];
    }

    private Finding Found(string path, string key, Severity severity, string message, string remedy) => new()
    {
        Rule = Rule, Severity = severity, Message = message, Remedy = remedy, Key = key, Location = new() { Path = path },
    };
}
