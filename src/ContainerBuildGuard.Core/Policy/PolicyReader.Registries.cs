using ContainerBuildGuard.Images;
using YamlDotNet.RepresentationModel;

namespace ContainerBuildGuard.Policies;

/// <content>Settings of registries, and the limits on images' metadata.</content>
internal sealed partial class PolicyReader
{
    private static readonly string[] MetadataLimits = ["manifest-bytes", "config-bytes", "manifests", "index-depth", "archive-entries", "archive-bytes"];

    private RegistryHost ReadRegistry(YamlNode node)
    {
        var host = new RegistryHost { Name = "" };
        foreach (var (key, value) in Members(node, "a registry", "host", "insecure", "blocked", "certificate-authority", "mirrors"))
        {
            host = key switch
            {
                "host" => host with { Name = HostName(value, Text(value, key)) },
                "insecure" => host with { Insecure = Flag(value, key) },
                "blocked" => host with { Blocked = Flag(value, key) },
                "certificate-authority" => host with { CertificateAuthority = FileBeside(value, key) },
                _ => host with { Mirrors = [.. Items(value, key).Select(ReadMirror)] },
            };
        }

        return host.Name.Length > 0 ? host : throw Error(node, "a registry needs a host");
    }

    private RegistryMirror ReadMirror(YamlNode node)
    {
        var (location, digestOnly) = ("", false);
        foreach (var (key, value) in Members(node, "a mirror", "location", "digest-only"))
        {
            (location, digestOnly) = key == "location" ? (Text(value, key), digestOnly) : (location, Flag(value, key));
        }

        if (location.Length == 0)
        {
            throw Error(node, "a mirror needs a location");
        }

        HostName(node, location.Split('/')[0]);
        return new RegistryMirror(location.TrimEnd('/'), digestOnly);
    }

    private ImageLimits ReadMetadataLimit(ImageLimits limits, string key, YamlNode value) => key switch
    {
        "manifest-bytes" => limits with { ManifestBytes = (int)Number(value, key, 1 << 30) },
        "config-bytes" => limits with { ConfigBytes = (int)Number(value, key, 1 << 30) },
        "manifests" => limits with { Manifests = (int)Number(value, key, 100_000) },
        "index-depth" => limits with { IndexDepth = (int)Number(value, key, 32) },
        "archive-entries" => limits with { ArchiveEntries = (int)Number(value, key, int.MaxValue) },
        _ => limits with { ArchiveBytes = Number(value, key, long.MaxValue) },
    };

    /// <summary>A host as references write it: what makes a reference with a repository after it.</summary>
    private string HostName(YamlNode node, string host)
    {
        // A name without a dot is a host here, where a reference would take it for a part of the repository: only its letters are checked.
        var written = host.AsSpan().ContainsAny('.', ':') || host == "localhost" ? host : $"{host}.x";
        try
        {
            if (ImageReference.Parse($"{written}/x").Registry == written)
            {
                return host;
            }
        }
        catch (ImageException)
        {
            // Said below.
        }

        throw Error(node, $"'{host}' is not a registry's host name with an optional port; write no scheme and no path");
    }

    private string FileBeside(YamlNode node, string key)
    {
        var file = Path.GetFullPath(Text(node, key), Path.GetDirectoryName(Path.GetFullPath(path))!);
        return File.Exists(file) ? file : throw Error(node, $"{key}: there is no file '{file}'");
    }

    private bool Flag(YamlNode node, string key) =>
        Text(node, key) switch { "true" => true, "false" => false, _ => throw Error(node, $"{key} is true or false") };
}
