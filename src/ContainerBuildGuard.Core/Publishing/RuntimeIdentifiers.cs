using System.Collections.Immutable;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Publishing;

/// <summary>What .NET calls a platform (<c>linux-musl-x64</c>) in the words of images.</summary>
internal static class RuntimeIdentifiers
{
    public static Platform ToPlatform(string rid)
    {
        var parts = rid.Split('-');
        var os = parts[0].StartsWith("win", StringComparison.Ordinal) ? "windows" : "linux";
        return new Platform(os, parts[^1] switch { "x64" => "amd64", "x86" => "386", var other => other });
    }

    public static ImmutableArray<Platform> ToPlatforms(IEnumerable<string> rids) => [.. rids.Select(ToPlatform).Distinct()];
}
