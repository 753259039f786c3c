using System.Text.Json;
using System.Xml;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The licences that restored packages declare in their manifests, which no dependency file repeats.</summary>
internal static class NuspecLicenses
{
    private static readonly XmlReaderSettings Settings = new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 1 << 20 };

    /// <summary>The SPDX expression of each package by <c>Name/Version</c>; those without one, or with an unreadable manifest, are left out.</summary>
    /// <remarks><c>assets</c>: NuGet's assets file, which says where packages were unpacked.</remarks>
    public static Dictionary<string, string> Read(JsonElement assets)
    {
        var found = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (!assets.TryGetProperty("packageFolders", out var roots) || !assets.TryGetProperty("libraries", out var libraries))
        {
            return found;
        }

        var folders = roots.EnumerateObject().Select(f => f.Name).ToList();
        foreach (var library in libraries.EnumerateObject())
        {
            if (library.Value.TryGetProperty("path", out var path) && library.Value.TryGetProperty("type", out var type) && type.GetString() == "package")
            {
                var manifest = $"{library.Name.Split('/')[0].ToLowerInvariant()}.nuspec";
                if (folders.Select(f => Path.Combine(f, path.GetString()!, manifest)).FirstOrDefault(File.Exists) is { } file && Expression(file) is { } expression)
                {
                    found[library.Name] = expression;
                }
            }
        }

        return found;
    }

    private static string? Expression(string nuspec)
    {
        try
        {
            using var reader = XmlReader.Create(nuspec, Settings);
            while (reader.Read())
            {
                if (reader is { NodeType: XmlNodeType.Element, LocalName: "license" } && reader.GetAttribute("type") == "expression")
                {
                    return reader.ReadElementContentAsString().Trim() is { Length: > 0 } text ? text : null;
                }
            }
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            // A licence that cannot be read is one that is not known.
        }

        return null;
    }
}
