using System.IO.Compression;
using System.Text;
using System.Text.Json;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Packages of other ecosystems that come along in .NET images.</summary>
internal static class LanguagePackages
{
    private const int MaxManifestBytes = 1 << 20;

    public static bool WantsNpm(string path) =>
        path.EndsWith("/package.json", StringComparison.Ordinal) && path.Split('/') is var parts && (parts is [.., "node_modules", _, _] || (parts is [.., "node_modules", var scope, _, _] && scope.StartsWith('@')));

    public static bool WantsNpmLock(string path) => path == "package-lock.json" || (path.EndsWith("/package-lock.json", StringComparison.Ordinal) && !path.Contains("node_modules/", StringComparison.Ordinal));

    public static bool WantsPython(string path) => path.EndsWith(".dist-info/METADATA", StringComparison.Ordinal) || path.EndsWith(".egg-info/PKG-INFO", StringComparison.Ordinal);

    public static bool WantsJar(string path) => path.EndsWith(".jar", StringComparison.OrdinalIgnoreCase);

    public static bool WantsNuGetLock(string path) => path == "packages.lock.json" || path.EndsWith("/packages.lock.json", StringComparison.Ordinal);

    /// <summary><c>node_modules/NAME/package.json</c>.</summary>
    public static Catalogue ParseNpm(ReadOnlyMemory<byte> bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        var root = json.RootElement;
        return Text(root, "name") is { Length: > 0 } name && Text(root, "version") is { Length: > 0 } version
            ? new([new SystemPackage(name, version) { License = Text(root, "license") is { Length: > 0 } license ? license : null }], [])
            : new Catalogue();
    }

    /// <summary><c>package-lock.json</c>, versions 1 to 3; what is for development only is left out.</summary>
    public static Catalogue ParseNpmLock(ReadOnlyMemory<byte> bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        var found = new Catalogue();
        foreach (var list in (string[])["packages", "dependencies"])
        {
            if (found.Packages.Count > 0 || !json.RootElement.TryGetProperty(list, out var packages) || packages.ValueKind != JsonValueKind.Object)
            {
                continue;
            }

            foreach (var package in packages.EnumerateObject().Where(p => p.Name.Length > 0 && !(p.Value.TryGetProperty("dev", out var dev) && dev.ValueKind == JsonValueKind.True)))
            {
                const string Folder = "node_modules/";
                var name = package.Name.LastIndexOf(Folder, StringComparison.Ordinal) is >= 0 and var at ? package.Name[(at + Folder.Length)..] : package.Name;
                if (Text(package.Value, "version") is { Length: > 0 } version)
                {
                    found.Packages.Add(new SystemPackage(name, version));
                }
            }
        }

        return found;
    }

    /// <summary>The core metadata of an installed Python distribution.</summary>
    public static Catalogue ParsePython(ReadOnlyMemory<byte> bytes)
    {
        string? name = null, version = null, license = null;
        foreach (var line in Encoding.UTF8.GetString(bytes.Span).EnumerateLines())
        {
            if (line.IsEmpty)
            {
                break;
            }

            name ??= Field(line, "Name:");
            version ??= Field(line, "Version:");
            license ??= Field(line, "License-Expression:");
        }

        return name is not null && version is not null ? new([new SystemPackage(name, version) { License = license }], []) : new([], ["it names no package or no version"]);
    }

    /// <summary>A jar, by Maven's properties in it, else by its manifest.</summary>
    public static Catalogue ParseJar(ReadOnlyMemory<byte> bytes)
    {
        using var zip = new ZipArchive(new MemoryStream(bytes.ToArray(), writable: false));
        var found = new Catalogue();
        foreach (var entry in zip.Entries.Where(e => e.FullName.StartsWith("META-INF/maven/", StringComparison.Ordinal) && e.Name == "pom.properties" && e.Length <= MaxManifestBytes))
        {
            var fields = Read(entry, '=');
            if (fields.TryGetValue("groupId", out var group) && fields.TryGetValue("artifactId", out var artifact) && fields.TryGetValue("version", out var version))
            {
                found.Packages.Add(new SystemPackage($"{group}:{artifact}", version));
            }
        }

        if (found.Packages.Count == 0 && zip.GetEntry("META-INF/MANIFEST.MF") is { Length: <= MaxManifestBytes } manifest)
        {
            var fields = Read(manifest, ':');
            var name = fields.GetValueOrDefault("Bundle-SymbolicName", fields.GetValueOrDefault("Implementation-Title", "")).Split(';')[0];
            if (name.Length > 0 && (fields.TryGetValue("Bundle-Version", out var version) || fields.TryGetValue("Implementation-Version", out version)))
            {
                found.Packages.Add(new SystemPackage(name, version));
            }
        }

        return found;
    }

    /// <summary>A NuGet lock file: what a project in the image would restore.</summary>
    public static Catalogue ParseNuGetLock(ReadOnlyMemory<byte> bytes)
    {
        using var json = JsonDocument.Parse(bytes);
        var found = new Catalogue();
        if (json.RootElement.TryGetProperty("dependencies", out var targets) && targets.ValueKind == JsonValueKind.Object)
        {
            found.Packages.AddRange(targets.EnumerateObject().SelectMany(t => t.Value.EnumerateObject()).Where(p => Text(p.Value, "resolved").Length > 0).Select(p => new SystemPackage(p.Name, Text(p.Value, "resolved"))).Distinct());
        }

        return found;
    }

    private static Dictionary<string, string> Read(ZipArchiveEntry entry, char separator)
    {
        using var reader = new StreamReader(entry.Open());
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.IndexOf(separator, StringComparison.Ordinal) is > 0 and var at)
            {
                fields.TryAdd(line[..at].Trim(), line[(at + 1)..].Trim());
            }
        }

        return fields;
    }

    private static string? Field(ReadOnlySpan<char> line, string name) => line.StartsWith(name, StringComparison.OrdinalIgnoreCase) ? line[name.Length..].Trim().ToString() : null;

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
