using System.Collections.Immutable;

namespace ContainerBuildGuard.Images;

/// <summary>Settings of one registry.</summary>
public sealed record RegistryHost
{
    /// <summary>The registry as references write it: host with optional port.</summary>
    public required string Name { get; init; }

    /// <summary>Whether plain HTTP and certificates that do not verify are accepted.</summary>
    public bool Insecure { get; init; }

    /// <summary>Whether the registry must not be used at all.</summary>
    public bool Blocked { get; init; }

    /// <summary>A PEM file of certificate authorities that are trusted for this registry, beside the system's.</summary>
    public string? CertificateAuthority { get; init; }

    /// <summary>Asked before the registry itself, in order, when reading.</summary>
    public ImmutableArray<RegistryMirror> Mirrors { get; init; } = [];
}

/// <summary>A mirror of a registry.</summary>
/// <param name="Location">Host with optional port, and optionally a path that comes before the repository: <c>mirror.example.com/docker-hub</c>.</param>
/// <param name="DigestOnly">Asks it for content by digest alone: its tags may be old.</param>
public sealed record RegistryMirror(string Location, bool DigestOnly = false);

/// <summary>One place that a request may go to.</summary>
/// <param name="Registry">The registry's name, for people and for its credentials.</param>
/// <param name="Repository">The repository there.</param>
/// <param name="Mirror">Set where this is a mirror; it gets no credentials that are meant for the registry that it mirrors.</param>
internal sealed record RegistryEndpoint(string Registry, string Repository, RegistryMirror? Mirror = null)
{
    /// <summary>Host and port to connect to.</summary>
    public string Authority => Registry == ImageReference.DefaultRegistry ? "registry-1.docker.io" : Registry;

    /// <inheritdoc />
    public override string ToString() => Repository.Length == 0 ? Registry : $"{Registry}/{Repository}";

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
