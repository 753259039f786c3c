using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>An image of one file, other for each content.</summary>
internal static class TinyImage
{
    public static Image Build(string content) => Build(l => l.File("app/readme.txt", content));

    public static Image Build(Action<LayerBuilder> layer) => new ImageBuilder().Layer(layer).User("1654").Build();

    /// <summary>Pushes one under the tag 1.0, and names it; its file is other for each repository where no layer is given.</summary>
    public static async Task<string> PushAsync(RegistryServer registry, string repository, CancellationToken cancellationToken, Action<LayerBuilder>? layer = null)
    {
        var image = layer is null ? Build(repository) : Build(layer);
        var set = new ImageSet { Reference = repository, Root = image.Descriptor, Manifests = [(image.Descriptor, image.ManifestBytes)], Images = [image] };
        using var client = new RegistryClient(new RegistryClientOptions());
        await client.PushAsync(set, registry.Host, repository, [(image.Digest, "1.0")], [], cancellationToken);
        return $"{registry.Host}/{repository}:1.0";
    }
}
