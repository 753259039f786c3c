using System.Text.Json;
using System.Text.RegularExpressions;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Finds the CVE files in the timeline of .NET's release notes: years name months, months with security releases name a <c>cve.json</c>.</summary>
internal static partial class DotNetTimeline
{
    public static async Task<List<SourceUpdate>> FetchAsync(SourceCopies copies, Uri root, CancellationToken cancellationToken)
    {
        var first = await copies.FetchAsync("dotnet/timeline.json", new Uri(root, "timeline/index.json"), cancellationToken);
        if (first.State == SourceState.Failed && copies.ConfirmedAt(first.Name) is null)
        {
            return [first];
        }

        var updates = new List<SourceUpdate>();
        foreach (var year in Paths(copies.PathOf(first.Name), YearPath()))
        {
            var index = await copies.FetchAsync($"dotnet/{year.Split('/')[2]}.index", new Uri(root, year[1..]), cancellationToken);
            if (index.State == SourceState.Failed)
            {
                updates.Add(index);
                continue;
            }

            foreach (var cve in Paths(copies.PathOf(index.Name), CvePath()))
            {
                updates.Add(await copies.FetchAsync($"dotnet/{cve.Split('/')[2]}-{cve.Split('/')[3]}-cve.json", new Uri(root, cve[1..]), cancellationToken));
            }
        }

        return updates;
    }

    /// <summary>The <c>path</c> of every link that fits, wherever it stands; a mirror keeps paths and changes addresses.</summary>
    private static List<string> Paths(string file, Regex pattern)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(file));
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var stack = new Stack<JsonElement>([json.RootElement]);
        while (stack.TryPop(out var element))
        {
            foreach (var child in element.ValueKind switch { JsonValueKind.Object => element.EnumerateObject().Select(p => p.Value), JsonValueKind.Array => element.EnumerateArray(), _ => [] })
            {
                stack.Push(child);
            }

            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("path", out var path) && path.ValueKind == JsonValueKind.String && pattern.IsMatch(path.GetString()!))
            {
                found.Add(path.GetString()!);
            }
        }

        return [.. found];
    }

    [GeneratedRegex("^/timeline/[0-9]{4}/index\\.json$")]
    private static partial Regex YearPath();

    [GeneratedRegex("^/timeline/[0-9]{4}/[0-9]{2}/cve\\.json$")]
    private static partial Regex CvePath();
}
