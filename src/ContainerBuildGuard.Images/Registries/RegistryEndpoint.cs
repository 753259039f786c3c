namespace ContainerBuildGuard.Images;

/// <summary>One place that a request may go to.</summary>
/// <param name="Registry">The registry's name, for people and for its credentials.</param>
/// <param name="Repository">The repository there.</param>
/// <param name="Mirror">Set where this is a mirror; it gets no credentials that are meant for the registry that it mirrors.</param>
internal sealed record RegistryEndpoint(string Registry, string Repository, RegistryMirror? Mirror = null)
{
    /// <summary>Set where this is a service beside the registry that takes the registry's credentials; its address ends in a slash.</summary>
    public Uri? Service { get; init; }

    /// <summary>Host and port to connect to.</summary>
    public string Authority => Service?.Authority ?? (Registry == ImageReference.DefaultRegistry ? "registry-1.docker.io" : Registry);

    /// <summary>Who is asked, for people.</summary>
    public string Host => Service?.Authority ?? Registry;

    /// <inheritdoc />
    public override string ToString() => Service is not null ? $"{Repository} at {Host}" : Repository.Length == 0 ? Registry : $"{Registry}/{Repository}";

    /// <summary>The endpoints of a repository, mirrors first.</summary>
    public static IEnumerable<RegistryEndpoint> ForReading(RegistryClientOptions options, string registry, string repository, bool byDigest)
    {
        foreach (var mirror in options.Host(registry)?.Mirrors ?? [])
        {
            if (byDigest || !mirror.DigestOnly)
            {
                var slash = mirror.Location.IndexOf('/', StringComparison.Ordinal);
                yield return slash < 0
                    ? new RegistryEndpoint(mirror.Location, repository, mirror)
                    : new RegistryEndpoint(mirror.Location[..slash], $"{mirror.Location[(slash + 1)..].Trim('/')}/{repository}", mirror);
            }
        }

        yield return new RegistryEndpoint(registry, repository);
    }
}

internal static class RegistryHosts
{
    public static RegistryHost? Host(this RegistryClientOptions options, string registry) =>
        options.Hosts.FirstOrDefault(h => h.Name.Equals(registry, StringComparison.OrdinalIgnoreCase));

    public static bool IsInsecure(this RegistryClientOptions options, string registry) =>
        options.Host(registry)?.Insecure ?? options.InsecureRegistries.Contains(registry, StringComparer.OrdinalIgnoreCase);
}
