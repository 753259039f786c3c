using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>A base of two platforms and one small layer, in a repository of the test's own.</summary>
internal sealed class SmallBase
{
    /// <summary>The repository without its registry.</summary>
    public string Path { get; } = $"base/{Guid.NewGuid():N}";

    public string Repository => $"{Workbench.Registry.Host}/{Path}";

    public string Name => $"{Repository}:1";

    public async Task<ImageSet> PushAsync(string content, string tag = "1")
    {
        var set = BuiltImages.Of([.. ((string[])["amd64", "arm64"]).Select(a => new ImageBuilder { Architecture = a }.Layer(l => l.File("etc/base", $"{content} {a}")).Build())]);
        await set.PushAsync(Workbench.Registry.Host, Path, tag);
        return set;
    }

    public Task<string?> DigestAsync(string tag = "1") => Workbench.Registry.DigestAsync(Path, tag);

    /// <summary>A project that builds on it, with a policy.</summary>
    public GuardedProject Project(string policy = "", string properties = "") =>
        new GuardedProject(properties: $"<ContainerBaseImage>{Name}</ContainerBaseImage>{properties}").File("containerbuildguard.yaml", $"version: 1\n{policy}\n");
}
