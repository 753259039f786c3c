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
