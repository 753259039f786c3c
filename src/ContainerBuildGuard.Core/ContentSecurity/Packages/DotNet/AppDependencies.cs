using System.Collections.Immutable;
using System.Text.Json;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>A file that a library brings, with the versions by which the host chooses between it and the framework's.</summary>
internal sealed record AppAsset(string Path, string AssemblyVersion, string FileVersion)
{
    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];
}

/// <summary>One library of a <c>*.deps.json</c>.</summary>
internal sealed record AppLibrary(string Name, string Version, string Type)
{
    /// <summary>The package's hash as NuGet knows it (<c>sha512-…</c>).</summary>
    public string Sha512 { get; init; } = "";

    /// <summary>What it brings to run: assemblies, native files, satellite assemblies; empty for what only compiles.</summary>
    public ImmutableArray<AppAsset> Assets { get; init; } = [];

    /// <summary>Names of the libraries that it needs.</summary>
    public ImmutableArray<string> Dependencies { get; init; } = [];

    public bool IsPackage => Type is "package" or "runtimepack";
}

/// <summary>What a <c>*.deps.json</c> says: of an app, a shared framework, a tool, or one inside a single-file bundle.</summary>
internal sealed record AppDependencies(ImmutableArray<AppLibrary> Libraries)
{
    /// <exception cref="JsonException">Not JSON, or without the parts that every version of the format has.</exception>
    public static AppDependencies Parse(ReadOnlyMemory<byte> bytes)
    {
        using var document = JsonDocument.Parse(bytes.Span.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("libraries", out var libraries) || libraries.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("it has no libraries");
        }

        var target = Target(root);
        return new([.. libraries.EnumerateObject().Select(l => Library(l, target)).OfType<AppLibrary>()]);
    }

    public void Save(FactWriter facts) => facts.WriteList(Libraries, static (w, library) =>
    {
        w.Write(library.Name);
        w.Write(library.Version);
        w.Write(library.Type);
        w.Write(library.Sha512);
        w.WriteList(library.Assets, static (w, asset) =>
        {
            w.Write(asset.Path);
            w.Write(asset.AssemblyVersion);
            w.Write(asset.FileVersion);
        });
        w.WriteList(library.Dependencies, static (w, name) => w.Write(name));
    });

    public static AppDependencies Load(FactReader facts) => new([.. facts.ReadList(static r => new AppLibrary(r.ReadText(), r.ReadText(), r.ReadText())
    {
        Sha512 = r.ReadText(),
        Assets = [.. r.ReadList(static r => new AppAsset(r.ReadText(), r.ReadText(), r.ReadText()))],
        Dependencies = [.. r.ReadList(static r => r.ReadText())],
    })]);

    /// <summary>The target that runs; without a name of it, the one that says most.</summary>
    private static JsonElement? Target(JsonElement root)
    {
        if (!root.TryGetProperty("targets", out var targets) || targets.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var name = root.TryGetProperty("runtimeTarget", out var runtime) ? runtime.ValueKind == JsonValueKind.Object && runtime.TryGetProperty("name", out var n) ? n.GetString() : runtime.ValueKind == JsonValueKind.String ? runtime.GetString() : null : null;
        return name is not null && targets.TryGetProperty(name, out var target) ? target
            : targets.EnumerateObject().Select(t => (JsonElement?)t.Value).MaxBy(t => t!.Value.ValueKind == JsonValueKind.Object ? t.Value.EnumerateObject().Count() : 0);
    }

    private static AppLibrary? Library(JsonProperty property, JsonElement? target)
    {
        var slash = property.Name.LastIndexOf('/');
        if (slash <= 0)
        {
            return null;
        }

        var details = target is { ValueKind: JsonValueKind.Object } t && t.TryGetProperty(property.Name, out var found) && found.ValueKind == JsonValueKind.Object ? found : default;
        return new AppLibrary(property.Name[..slash], property.Name[(slash + 1)..], Text(property.Value, "type"))
        {
            Sha512 = Text(property.Value, "sha512"),
            Assets = [.. ((string[])["runtime", "native", "runtimeTargets", "resources"]).SelectMany(kind => Members(details, kind)).Where(a => !a.Name.EndsWith("/_._", StringComparison.Ordinal))
                .Select(a => new AppAsset(a.Name, Text(a.Value, "assemblyVersion"), Text(a.Value, "fileVersion")))],
            Dependencies = [.. Members(details, "dependencies").Select(d => d.Name)],
        };
    }

    private static JsonElement.ObjectEnumerator Members(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var members) && members.ValueKind == JsonValueKind.Object ? members.EnumerateObject() : default;

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
