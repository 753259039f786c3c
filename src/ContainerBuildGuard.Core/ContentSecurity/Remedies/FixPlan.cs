using System.Collections.Immutable;
using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>One step, with what it fixes.</summary>
public sealed record FixStep(FixKind Kind, string Subject, string? Version, string? Command, ImmutableArray<string> Fixes, Severity Highest);

/// <summary>The findings of an image as a short list of things to do.</summary>
public static class FixPlan
{
    /// <summary>One step a package (to the highest version that a finding asks for), one for the whole base image; the most urgent first.</summary>
    public static ImmutableArray<FixStep> Of(GuardResult result) =>
    [
        .. result.Findings.Where(f => f is { Fix: not null, Waiver: null }).GroupBy(f => (f.Fix!.Kind, Subject: f.Fix.Subject.ToLowerInvariant())).Select(g =>
        {
            var best = g.Select(f => f.Fix!).Aggregate((a, b) => a.Version is null ? b : b.Version is null ? a : Compare(g.Key.Kind, a.Version, b.Version) >= 0 ? a : b);
            return new FixStep(best.Kind, best.Subject, best.Version, best.Command, [.. g.Select(f => f.Advisory?.Id ?? f.Code).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], g.Max(f => f.Severity));
        }).OrderByDescending(s => s.Highest).ThenByDescending(s => s.Fixes.Length).ThenBy(s => s.Subject, StringComparer.Ordinal),
    ];

    /// <summary>The plan as JSON: <c>{ "steps": [ { "kind", "subject", "version", "command", "severity", "fixes" } ] }</c>.</summary>
    public static void Write(GuardResult result, Stream output)
    {
        using var json = new Utf8JsonWriter(output, JsonOutput.Readable);
        json.WriteStartObject();
        json.WriteNumber("schemaVersion", 1);
        json.WriteString("image", result.Reference);
        json.WriteStartArray("steps");
        foreach (var step in Of(result))
        {
            json.WriteStartObject();
            json.WriteString("kind", Kebab(step.Kind));
            json.WriteString("subject", step.Subject);
            json.WriteString("version", step.Version);
            json.WriteString("command", step.Command);
            json.WriteString("severity", step.Highest.ToString().ToLowerInvariant());
            json.WriteStartArray("fixes");
            foreach (var id in step.Fixes)
            {
                json.WriteStringValue(id);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>One line for people.</summary>
    public static string Describe(FixStep step)
    {
        var fixes = $"fixes {step.Fixes.Length} finding{(step.Fixes.Length == 1 ? "" : "s")}";
        return step.Kind == FixKind.BaseImage
            ? $"{(step.Version is null ? $"Rebuild on a newer {step.Subject}" : $"Rebuild on {step.Version} or later")}: {fixes}."
            : $"{(step.Command is null ? $"Take {step.Subject} {step.Version} or later" : step.Command)}: {fixes}.";
    }

    private static int Compare(FixKind kind, string a, string b) => (kind switch
    {
        FixKind.NuGetPackage or FixKind.Sdk => VersionOrder.Compare("NuGet", a, b),
        FixKind.BaseImage => VersionOrder.Compare("Alpine", Number(a), Number(b)),
        _ => null,
    }) ?? string.CompareOrdinal(a, b);

    /// <summary>The number that a tag begins with.</summary>
    private static string Number(string image) => image[(image.LastIndexOf(':') + 1)..].Split('-')[0];

    private static string Kebab(FixKind kind) => kind switch
    {
        FixKind.NuGetPackage => "nuget-package",
        FixKind.BaseImage => "base-image",
        FixKind.Sdk => "sdk",
        FixKind.SystemPackage => "system-package",
        _ => "other-package",
    };
}
