using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Reads bills of materials in JSON: CycloneDX 1.2 to 1.6, SPDX 2.2 and 2.3.</summary>
internal static class SbomReader
{
    private const long MaxBytes = 512L << 20;

    /// <summary>Whether a file is JSON by its first character: what a bill is, and no image ever is.</summary>
    public static bool LooksLikeOne(string path)
    {
        if (!File.Exists(path))
        {
            return false;
        }

        Span<byte> start = stackalloc byte[64];
        using var file = File.OpenRead(path);
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        start = start.StartsWith("\uFEFF"u8) ? start[3..] : start;
        return start.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
    }

    /// <exception cref="GuardException">CBG9003: neither form; CBG9012: it cannot be read; CBG9013: too large.</exception>
    public static SbomDocument Read(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            if (file.Length > MaxBytes)
            {
                throw new GuardException("CBG9013", GuardFailure.Input, $"'{path}' has more than {MaxBytes >> 20} MiB: that is no bill of materials of one image.");
            }

            using var json = JsonDocument.Parse(file);
            return json.RootElement switch
            {
                { ValueKind: JsonValueKind.Object } root when Text(root, "bomFormat") == "CycloneDX" => CycloneDxReader.Read(root, path),
                { ValueKind: JsonValueKind.Object } root when Text(root, "spdxVersion").StartsWith("SPDX-2.", StringComparison.Ordinal) => SpdxReader.Read(root, path),
                _ => throw new GuardException("CBG9003", GuardFailure.Input, $"'{path}' is neither CycloneDX nor SPDX 2 in JSON: name an image, or a bill of materials as `cbg sbom`, Syft, Trivy or the SBOM tool write it."),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new GuardException("CBG9003", GuardFailure.Input, $"'{path}' is no complete JSON bill of materials ({e.Message.TrimEnd('.')}): write it anew.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuardException("CBG9012", GuardFailure.Environment, $"'{path}' cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>The document of what was read: packages, and a gap for each reason that keeps entries from being compared.</summary>
    public static SbomDocument Assemble(string subject, string file, IEnumerable<SbomEntry> entries, List<string> unnamed, OperatingSystemRelease? release)
    {
        var packages = new List<Package>();
        var gaps = new List<Gap>();
        foreach (var entry in entries)
        {
            if (SbomPackages.Of(entry, file, release, out var problem) is { } package)
            {
                packages.Add(package);
            }
            else
            {
                gaps.Add(new Gap("an entry of the bill of materials", problem!, null, file));
            }
        }

        if (unnamed.Count > 0)
        {
            gaps.Add(new Gap($"{unnamed.Count} entries of the bill of materials ({string.Join(", ", unnamed.Take(3))}{(unnamed.Count > 3 ? ", …" : "")})", "they have no package URL, so that nothing can be looked up", null, file));
        }

        if (packages.Count == 0 && gaps.Count == 0)
        {
            gaps.Add(new Gap("the bill of materials", "it names no package", null, file));
        }

        return new SbomDocument(subject.Length > 0 ? subject : file, packages, gaps) { Release = release };
    }

    internal static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    internal static IEnumerable<JsonElement> Items(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];
}
