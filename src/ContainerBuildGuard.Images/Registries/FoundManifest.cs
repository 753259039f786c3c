namespace ContainerBuildGuard.Images;

/// <summary>A manifest and where it was found.</summary>
/// <param name="Registry">The host, with its port, that had it: the registry that was asked for, or a mirror of it.</param>
/// <param name="Repository">The repository there.</param>
/// <param name="Descriptor">Its descriptor, with the digest of its very bytes.</param>
/// <param name="Bytes">Its exact bytes.</param>
public sealed record FoundManifest(string Registry, string Repository, Descriptor Descriptor, byte[] Bytes);
