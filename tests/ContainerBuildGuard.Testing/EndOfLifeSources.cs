using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Testing;

/// <summary>One line of the end-of-life table; days as <c>2026-11-10</c>.</summary>
public sealed record EndOfLifeLine(string Product, string Release, string End, string? Regular);

/// <summary>The end-of-life table, renewed from what publishes its dates: .NET's release index, Debian's distro-info-data, endoflife.date.</summary>
public static class EndOfLifeSources
{
    private static readonly Dictionary<string, string> Names = new(StringComparer.Ordinal)
    {
        ["dotnet"] = ".NET", ["debian"] = "Debian", ["ubuntu"] = "Ubuntu", ["alpine"] = "Alpine", ["mariner"] = "CBL-Mariner", ["azurelinux"] = "Azure Linux",
        ["rhel"] = "Red Hat Enterprise Linux", ["centos"] = "CentOS", ["almalinux"] = "AlmaLinux", ["rocky"] = "Rocky Linux", ["ol"] = "Oracle Linux", ["fedora"] = "Fedora", ["amzn"] = "Amazon Linux",
        ["opensuse-leap"] = "openSUSE Leap", ["docker-engine"] = "Docker Engine", ["containerd"] = "containerd",
    };

    /// <summary>Releases that a source has beside the product's: endoflife.date has one list of Azure Linux and of what it was called before, and one of CentOS Stream, whose 8 is not CentOS 8.</summary>
    private static readonly Dictionary<string, Func<int, bool>> Own = new(StringComparer.Ordinal) { ["mariner"] = major => major < 3, ["azurelinux"] = major => major >= 3, ["centos"] = major => major > 8 };

    public static string Table { get; } = Path.Combine(Repository.Root, "src", "ContainerBuildGuard.Core", "Lifecycle", "end-of-life.json");

    /// <summary>Reads a source by what is in it.</summary>
    /// <exception cref="FormatException">None of the three forms, or a day that is none.</exception>
    public static IReadOnlyList<EndOfLifeLine> Read(string product, string text) => [.. Lines(product, text).Where(l => !Own.TryGetValue(product, out var isOwn) || isOwn(int.Parse(l.Release.Split('.')[0], CultureInfo.InvariantCulture)))];

    private static List<EndOfLifeLine> Lines(string product, string text) =>
        text.StartsWith("version,", StringComparison.Ordinal) ? ReadDistroInfo(product, text) : JsonNode.Parse(text) switch
        {
            JsonObject index when index["releases-index"] is JsonArray channels => [.. channels.Where(c => c!["eol-date"] is not null).Select(c => Line(product, (string)c!["channel-version"]!, (string)c["eol-date"]!, null))],
            JsonObject result when result["result"]?["releases"] is JsonArray releases => [.. releases.Where(r => r!["eolFrom"] is not null).Select(r => Line(product, (string)r!["name"]!, (string)r["eolFrom"]!, null))],
            JsonArray cycles => [.. cycles.Where(c => c!["eol"]?.GetValueKind() == JsonValueKind.String).Select(c => Line(product, (string)c!["cycle"]!, (string)c["eol"]!, null))],
            _ => throw new FormatException($"The source of {product} is neither .NET's release index, nor distro-info-data, nor endoflife.date's."),
        };

    /// <summary>
    /// The table with the dates of the sources: known releases get theirs, and releases that are newer than the oldest known one are added. What no source speaks of stays.
    /// </summary>
    public static string Renew(string table, IEnumerable<EndOfLifeLine> lines, DateOnly asOf, IReadOnlyDictionary<string, string> sources)
    {
        var root = JsonNode.Parse(table)!;
        var releases = root["releases"]!.AsArray().Select(r => new EndOfLifeLine((string)r!["product"]!, (string)r["release"]!, (string)r["end"]!, (string?)r["regular"])).ToList();
        foreach (var line in lines)
        {
            // One says 3.0 where os-release and the table say 3.
            var same = releases.FindIndex(r => r.Product == line.Product && (r.Release == line.Release || Order(r.Release, line.Release) == 0));
            if (same >= 0)
            {
                releases[same] = line with { Release = releases[same].Release, Regular = line.Regular ?? releases[same].Regular };
            }
            else if (releases.Where(r => r.Product == line.Product).Select(r => r.End).Min(StringComparer.Ordinal) is { } oldest && string.CompareOrdinal(line.End, oldest) > 0)
            {
                releases.Insert(releases.FindLastIndex(r => r.Product == line.Product && Order(r.Release, line.Release) < 0) is >= 0 and var before ? before + 1 : releases.FindIndex(r => r.Product == line.Product), line);
            }
        }

        var text = new StringBuilder($"{{\n  \"asOf\": \"{asOf:yyyy-MM-dd}\",\n  \"sources\": {{\n");
        text.AppendJoin(",\n", root["sources"]!.AsObject().Select(s => $"    \"{s.Key}\": {JsonSerializer.Serialize(sources.GetValueOrDefault(s.Key) ?? (string)s.Value!)}")).Append("\n  },\n  \"releases\": [\n");
        text.AppendJoin(",\n", releases.Select(r => $"    {{\"product\": \"{r.Product}\", \"name\": \"{Names[r.Product]}\", \"release\": \"{r.Release}\", \"end\": \"{r.End}\"{(r.Regular is null ? "" : $", \"regular\": \"{r.Regular}\"")}}}"));
        return text.Append("\n  ]\n}\n").ToString();
    }

    /// <summary>The columns by their names; a release without an end of support is still to come.</summary>
    private static List<EndOfLifeLine> ReadDistroInfo(string product, string csv)
    {
        var rows = csv.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(l => l.Split(',')).ToList();
        int Column(string name) => Array.IndexOf(rows[0], name);
        string Cell(string[] row, string name) => Column(name) is >= 0 and var at && at < row.Length ? row[at] : "";
        return
        [
            .. rows.Skip(1).Where(r => Cell(r, "eol").Length > 0 && Cell(r, "version").Length > 0).Select(r =>
                Cell(r, "eol-lts") is { Length: > 0 } longer ? Line(product, Cell(r, "version"), longer, Cell(r, "eol")) : Line(product, Cell(r, "version").Split(' ')[0], Cell(r, "eol"), null)),
        ];
    }

    private static EndOfLifeLine Line(string product, string release, string end, string? regular)
    {
        foreach (var day in new[] { end, regular }.OfType<string>())
        {
            if (!DateOnly.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
            {
                throw new FormatException($"'{day}', the end of {product} {release}, is no day.");
            }
        }

        return new(product, release, end, regular);
    }

    private static int Order(string a, string b) => Version.TryParse(a.Contains('.', StringComparison.Ordinal) ? a : $"{a}.0", out var x) && Version.TryParse(b.Contains('.', StringComparison.Ordinal) ? b : $"{b}.0", out var y) ? x.CompareTo(y) : string.CompareOrdinal(a, b);
}
