namespace ContainerBuildGuard.Images;

/// <summary>Finds a registry's credentials where the .NET SDK finds them: environment, Docker's configuration and helpers, Podman's auth file.</summary>
public sealed class CredentialStore(Func<string, string?> environment)
{
    /// <summary>The store of this process's environment.</summary>
    public static CredentialStore Default { get; } = new(Environment.GetEnvironmentVariable);

    /// <summary>The credential for <paramref name="registry"/>; null for anonymous access. <paramref name="push"/> chooses between the SDK's push and pull variables.</summary>
    public async Task<RegistryCredential?> FindAsync(string registry, bool push, CancellationToken cancellationToken) =>
        (await LookupAsync(registry, "", push, named: true, cancellationToken).ConfigureAwait(false)).Credential;

    /// <param name="registry">The registry.</param>
    /// <param name="repository">The repository; Podman's file may hold credentials for it or a part of its path.</param>
    /// <param name="push">Whether to push.</param>
    /// <param name="named">Whether the user named the registry; the environment's credentials, which name none, are for no other (a mirror).</param>
    /// <param name="cancellationToken">Cancels.</param>
    internal async Task<CredentialLookup> LookupAsync(string registry, string repository, bool push, bool named, CancellationToken cancellationToken)
    {
        if (named && FromEnvironment(push) is { } fromEnvironment)
        {
            return new CredentialLookup(fromEnvironment, null);
        }

        string? problem = null;
        foreach (var file in ConfigFiles().Where(File.Exists))
        {
            var found = await CredentialFile.FindAsync(file, registry, repository, environment, cancellationToken).ConfigureAwait(false);
            if (found.Credential is not null)
            {
                return found;
            }

            problem ??= found.Problem;
        }

        return new CredentialLookup(null, problem);
    }

    private RegistryCredential? FromEnvironment(bool push)
    {
        string[] prefixes = [push ? "DOTNET_CONTAINER_PUSH_REGISTRY" : "DOTNET_CONTAINER_PULL_REGISTRY", "DOTNET_CONTAINER_REGISTRY", "SDK_CONTAINER_REGISTRY"];
        foreach (var prefix in prefixes)
        {
            if (environment($"{prefix}_UNAME") is { Length: > 0 } user && environment($"{prefix}_PWORD") is { Length: > 0 } password)
            {
                return new RegistryCredential(user, password);
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
}
