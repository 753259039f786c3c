using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.Images;

/// <summary>A user name and password, or an identity token where <see cref="UserName"/> is <c>&lt;token&gt;</c>. Prints as nothing.</summary>
public sealed record RegistryCredential(string UserName, string Password)
{
    /// <inheritdoc />
    public override string ToString() => "(credential)";
}

/// <summary>Finds a registry's credentials where the .NET SDK finds them: environment, Docker's configuration and helpers, Podman's auth file.</summary>
public sealed class CredentialStore(Func<string, string?> environment)
{
    private static readonly TimeSpan HelperTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The store of this process's environment.</summary>
    public static CredentialStore Default { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>The credential for <paramref name="registry"/>; null for anonymous access. <paramref name="push"/> chooses between the SDK's push and pull variables.</summary>
    public async Task<RegistryCredential?> FindAsync(string registry, bool push, CancellationToken cancellationToken)
    {
        string[] prefixes = [push ? "DOTNET_CONTAINER_PUSH_REGISTRY" : "DOTNET_CONTAINER_PULL_REGISTRY", "DOTNET_CONTAINER_REGISTRY", "SDK_CONTAINER_REGISTRY"];
        foreach (var prefix in prefixes)
        {
            if (environment($"{prefix}_UNAME") is { Length: > 0 } user && environment($"{prefix}_PWORD") is { Length: > 0 } password)
            {
                return new RegistryCredential(user, password);
            }
        }

        foreach (var file in ConfigFiles())
        {
            if (File.Exists(file) && await FromFileAsync(file, registry, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private IEnumerable<string> ConfigFiles()
    {
        if (environment("REGISTRY_AUTH_FILE") is { Length: > 0 } auth)
        {
            yield return auth;
        }

        var home = environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        yield return Path.Combine(environment("DOCKER_CONFIG") is { Length: > 0 } docker ? docker : Path.Combine(home, ".docker"), "config.json");
        if (environment("XDG_RUNTIME_DIR") is { Length: > 0 } runtime)
        {
            yield return Path.Combine(runtime, "containers", "auth.json");
        }

        yield return Path.Combine(environment("XDG_CONFIG_HOME") is { Length: > 0 } config ? config : Path.Combine(home, ".config"), "containers", "auth.json");
    }

    private static async Task<RegistryCredential?> FromFileAsync(string file, string registry, CancellationToken cancellationToken)
    {
        try
        {
            using var document = JsonDocument.Parse(await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false));
            var root = document.RootElement;
            foreach (var key in Keys(registry))
            {
                var helper = root.TryGetProperty("credHelpers", out var helpers) && helpers.TryGetProperty(key, out var named) ? named.GetString() : null;
                helper ??= root.TryGetProperty("credsStore", out var store) ? store.GetString() : null;
                if (helper is { Length: > 0 } && await FromHelperAsync(helper, key, cancellationToken).ConfigureAwait(false) is { } fromHelper)
                {
                    return fromHelper;
                }

                if (root.TryGetProperty("auths", out var auths) && auths.TryGetProperty(key, out var entry) && Decode(entry) is { } credential)
                {
                    return credential;
                }
            }

            return null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new ImageException(ImageError.Unauthorized, $"The credential file '{file}' cannot be read as JSON: repair it, or sign in again with `docker login {registry}`.", e);
        }
    }

    private static IEnumerable<string> Keys(string registry) => registry == "docker.io"
        ? ["https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io"]
        : [registry, $"https://{registry}", $"https://{registry}/", $"http://{registry}"];

    private static RegistryCredential? Decode(JsonElement entry)
    {
        if (entry.TryGetProperty("identitytoken", out var token) && token.GetString() is { Length: > 0 } identity)
        {
            return new RegistryCredential("<token>", identity);
        }

        if (entry.TryGetProperty("auth", out var auth) && auth.GetString() is { Length: > 0 } encoded)
        {
            var text = Encoding.UTF8.GetString(Convert.FromBase64String(encoded));
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 ? new RegistryCredential(text[..colon], text[(colon + 1)..].TrimEnd('\0')) : null;
        }

        return entry.TryGetProperty("username", out var user) && entry.TryGetProperty("password", out var password)
            ? new RegistryCredential(user.GetString() ?? "", password.GetString() ?? "")
            : null;
    }

    private static async Task<RegistryCredential?> FromHelperAsync(string helper, string key, CancellationToken cancellationToken)
    {
        if (helper.AsSpan().ContainsAny('/', '\\'))
        {
            throw new ImageException(ImageError.Unauthorized, $"The credential helper '{helper}' is not a plain name: correct credsStore or credHelpers in Docker's config.json.");
        }

        var answer = await ProcessCall.RunAsync($"docker-credential-{helper}", ["get"], input => input.WriteAsync(Encoding.UTF8.GetBytes(key), cancellationToken).AsTask(), HelperTimeout, cancellationToken).ConfigureAwait(false);
        if (answer is not { ExitCode: 0 })
        {
            return null;
        }

        using var document = JsonDocument.Parse(answer.Value.Output);
        return document.RootElement.TryGetProperty("Username", out var user) && document.RootElement.TryGetProperty("Secret", out var secret)
            ? new RegistryCredential(user.GetString() ?? "", secret.GetString() ?? "")
            : null;
    }
}
