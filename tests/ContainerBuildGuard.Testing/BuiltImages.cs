using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Testing;

/// <summary>Puts built images together as one index, and into registries.</summary>
public static class BuiltImages
{
    /// <summary>An index of the images, or the image itself where it is one.</summary>
    public static ImageSet Of(params Image[] images)
    {
        var index = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = MediaTypes.OciIndex,
            ["manifests"] = new JsonArray([.. images.Select(i => new JsonObject
            {
                ["mediaType"] = i.Descriptor.MediaType,
                ["digest"] = i.Digest.ToString(),
                ["size"] = i.Descriptor.Size,
                ["platform"] = new JsonObject { ["os"] = i.Platform.Os, ["architecture"] = i.Platform.Architecture },
            })]),
        }.ToJsonString());
        var manifests = images.Select(i => (i.Descriptor, i.ManifestBytes)).ToList();
        if (images.Length > 1)
        {
            manifests.Add((Descriptor.Of(MediaTypes.OciIndex, index), index));
        }

        return new ImageSet { Reference = images[0].Reference, Root = manifests[^1].Descriptor, Manifests = [.. manifests], Images = [.. images] };
    }

    /// <summary>Pushes the set under a tag; gives its root's digest.</summary>
    public static async Task<Digest> PushAsync(this ImageSet set, string registry, string repository, string tag, CancellationToken cancellationToken = default)
    {
        using var client = new RegistryClient(new RegistryClientOptions());
        await client.PushAsync(set, registry, repository, [(set.Root.Digest, tag)], [], cancellationToken);
        return set.Root.Digest;
    }
}
