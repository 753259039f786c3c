using System.Collections.Immutable;

namespace ContainerBuildGuard.Images;

/// <summary>What a registry and its mirrors have together.</summary>
/// <param name="Found">Everything, each once.</param>
/// <param name="Missed">Why the registry itself could not be asked, where a mirror had something: there may be more than was found. Null where it was.</param>
public sealed record Gathered<T>(ImmutableArray<T> Found, ImageException? Missed);
