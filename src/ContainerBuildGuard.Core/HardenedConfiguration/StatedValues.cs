using System.Collections.Immutable;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>What the project said the image's labels and variables are; what the image really says is held against it.</summary>
public sealed record StatedValues
{
    public static StatedValues None { get; } = new();

    public ImmutableDictionary<string, string> Labels { get; init; } = ImmutableDictionary<string, string>.Empty;

    public ImmutableDictionary<string, string> Variables { get; init; } = ImmutableDictionary<string, string>.Empty;
}
