using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.Tool.Output;

/// <summary>An audit for programs: schema version 1 of the report, with its checks.</summary>
internal static class AuditJson
{
    public static string Write(HostReport report, HostComparison? comparison)
    {
        var result = report.Result;
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, JsonOutput.Readable))
        {
            json.WriteStartObject();
            json.WriteNumber("schemaVersion", 1);
            json.WriteStartObject("tool");
            json.WriteString("name", "ContainerBuildGuard");
            json.WriteString("version", typeof(AuditJson).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]);
            json.WriteEndObject();
            json.WriteString("verdict", Camel(result.Verdict));
            json.WriteString("profile", report.Profile.Name());
            json.WriteNumber("score", report.Score);
            if (comparison is not null)
            {
                Write(json, comparison);
            }

            json.WriteStartArray("findings");
            foreach (var finding in result.Findings)
            {
                Write(json, finding, result.Refusing.Contains(finding));
            }

            json.WriteEndArray();
            json.WriteStartArray("checks");
            foreach (var check in result.Checks)
            {
                json.WriteStartObject();
                json.WriteString("code", check.Rule.Code);
                json.WriteString("title", check.Rule.Title);
                json.WriteString("result", Camel(check.Outcome));
                json.WriteString("reason", check.Reason);
                Write(json, "references", check.Rule.References);
                if (CisDocker.ByEdition(check.Rule.References).ToList() is { Count: > 0 } editions)
                {
                    json.WriteStartObject("cisDocker");
                    editions.ForEach(e => Write(json, e.Edition, e.Numbers));
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("timings");
            json.WriteNumber("totalMs", (long)result.Elapsed.TotalMilliseconds);
            json.WriteStartObject("phases");
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void Write(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, Finding finding, bool refuses)
    {
        json.WriteStartObject();
        json.WriteString("code", finding.Code);
        json.WriteString("control", finding.Rule.Control.ToKebabCase());
        json.WriteString("severity", Camel(finding.Severity));
        json.WriteString("level", refuses ? "error" : finding.Waiver is null && finding.Severity >= Severity.Low ? "warning" : "note");
        json.WriteString("message", finding.Message);
        json.WriteString("remedy", finding.Remedy);
        json.WriteString("helpUri", finding.Rule.HelpUri);
        json.WriteStartObject("location");
        if (finding.Location.Path is { } path)
        {
            json.WriteString("path", path);
        }

        json.WriteEndObject();
        json.WriteString("fingerprint", finding.Fingerprint);
        if (finding.Waiver is { } waiver)
        {
            json.WriteStartObject("waiver");
            json.WriteString("reason", waiver.Reason);
            json.WriteString("expires", waiver.Expires?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("waiver");
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, HostComparison comparison)
    {
        json.WriteStartObject("comparison");
        if (comparison.PreviousScore is { } score)
        {
            json.WriteNumber("previousScore", score);
        }

        foreach (var (name, lines) in new[] { ("new", comparison.New), ("fixed", comparison.Fixed), ("worse", comparison.Worse), ("unknown", comparison.Unknown) })
        {
            Write(json, name, lines);
        }

        json.WriteEndObject();
    }

    private static string Camel<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
