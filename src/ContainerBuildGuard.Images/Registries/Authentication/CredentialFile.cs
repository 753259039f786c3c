using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>Docker's <c>config.json</c> and Podman's <c>auth.json</c>, which share a format.</summary>
internal static class CredentialFile
{
    private const int MaxBytes = 4 << 20;

    /// <exception cref="ImageException">The file is there and cannot be read.</exception>
    public static async Task<CredentialLookup> FindAsync(string file, string registry, string repository, Func<string, string?> environment, CancellationToken cancellationToken)
    {
        var bytes = await FileErrors.GuardAsync(async () =>
        {
            await using var stream = File.OpenRead(file);
            return await stream.ReadAllAsync(MaxBytes, $"The credential file '{file}'", cancellationToken).ConfigureAwait(false);
        }, file).ConfigureAwait(false);
        var (helpers, stored) = Read(bytes, file, registry, repository);
        string? problem = null;
        foreach (var (helper, key) in helpers)
        {
            var (credential, trouble) = await CredentialHelper.GetAsync(helper, key, environment, cancellationToken).ConfigureAwait(false);
            if (credential is not null)
            {
                return new CredentialLookup(credential, null);
            }

            problem ??= trouble;
        }

        return new CredentialLookup(stored, stored is null ? problem : null);
    }

    /// <summary>The helpers to ask, in order, with what to ask them for; and the credential that stands in the file itself.</summary>
    internal static (IReadOnlyList<(string Helper, string Key)> Helpers, RegistryCredential? Stored) Read(ReadOnlyMemory<byte> json, string file, string registry, string repository)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                throw new FormatException("it is not a JSON object");
            }

            var keys = Keys(registry).ToList();
            var helpers = keys.Select(k => (Helper: root.Member("credHelpers")?.Text(k), Key: k)).Where(h => h.Helper is { Length: > 0 })
                .Concat(root.Text("credsStore") is { Length: > 0 } store ? keys.Select(k => ((string?)store, k)) : [])
                .Select(h => (h.Item1!, h.Item2)).ToList();
            return (helpers, Stored(root, registry, repository, keys));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // The parser's words may quote what stands in the file.
            throw new ImageException(ImageError.Unauthorized, $"The credential file '{file}' cannot be read as JSON: repair it, or sign in again with `docker login {registry}`.");
        }
    }

    private static RegistryCredential? Stored(JsonElement root, string registry, string repository, List<string> keys)
    {
        if (root.Member("auths") is not { } auths)
        {
            return null;
        }

        // Podman's most particular entry wins: registry/team/app before registry/team before registry.
        for (var path = $"{registry}/{repository}"; path.LastIndexOf('/') is > 0 and var slash; path = path[..slash])
        {
            if (Decode(auths.Member(path)) is { } particular)
            {
                return particular;
            }
        }

        return keys.Select(k => Decode(auths.Member(k))).FirstOrDefault(c => c is not null)
            ?? auths.EnumerateObject().Where(a => HostOf(a.Name).Equals(registry, StringComparison.OrdinalIgnoreCase)).Select(a => Decode(a.Value)).FirstOrDefault(c => c is not null);
    }

    private static IEnumerable<string> Keys(string registry) => registry == ImageReference.DefaultRegistry
        ? ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"]
        : [registry, $"https://{registry}"];

    /// <summary>Old entries are addresses: <c>https://registry.example.com/v2/</c>.</summary>
    private static string HostOf(string key) =>
        key.Contains("://", StringComparison.Ordinal) && Uri.TryCreate(key, UriKind.Absolute, out var uri) ? uri.Authority : "";

    private static RegistryCredential? Decode(JsonElement? entry)
    {
        if (entry is not { ValueKind: JsonValueKind.Object } json)
        {
            return null;
        }

        if (json.Text("identitytoken") is { Length: > 0 } identity)
        {
            return new RegistryCredential("<token>", identity);
        }

        if (json.Text("registrytoken") is { Length: > 0 } token)
        {
            return new RegistryCredential("", token) { IsRegistryToken = true };
        }

        if (json.Text("auth") is { Length: > 0 } encoded)
        {
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 ? new RegistryCredential(text[..colon], text[(colon + 1)..].TrimEnd('\0')) : null;
        }

        return json.Text("username") is { Length: > 0 } user && json.Text("password") is { } password ? new RegistryCredential(user, password) : null;
    }
}
