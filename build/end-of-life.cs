// Renews the end-of-life table: `dotnet run build/end-of-life.cs PRODUCT=URL|FILE…`. Without arguments from where its dates are published:
// .NET's release index, the distro-info-data of this machine (Debian's package of that name), and endoflife.date for the rest.
#:project ../tests/ContainerBuildGuard.Testing/ContainerBuildGuard.Testing.csproj
using ContainerBuildGuard.Testing;

string[] asked = args is not [] ? args :
[
    "dotnet=https://builds.dotnet.microsoft.com/dotnet/release-metadata/releases-index.json",
    "debian=/usr/share/distro-info/debian.csv",
    "ubuntu=/usr/share/distro-info/ubuntu.csv",
    .. ((string[])[
        "alpine=alpine-linux", "mariner=azure-linux", "azurelinux=azure-linux", "rhel=rhel", "centos=centos-stream", "almalinux=almalinux", "rocky=rocky-linux", "ol=oracle-linux", "fedora=fedora",
        "amzn=amazon-linux", "opensuse-leap=opensuse", "docker-engine=docker-engine", "containerd=containerd",
    ]).Select(p => p.Replace("=", "=https://endoflife.date/api/v1/products/", StringComparison.Ordinal)),
];
using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
var lines = new List<EndOfLifeLine>();
var sources = new Dictionary<string, string>();
var failed = 0;
foreach (var (product, place) in asked.Select(a => a.Split('=', 2) is [var p, var s] ? (p, s) : throw new ArgumentException($"'{a}' is not PRODUCT=URL|FILE.")))
{
    try
    {
        var text = place.StartsWith("https://", StringComparison.Ordinal) ? await http.GetStringAsync(new Uri(place)) : await File.ReadAllTextAsync(place);
        lines.AddRange(EndOfLifeSources.Read(product, text));
        sources[product] = place.StartsWith("https://", StringComparison.Ordinal) ? place : place.StartsWith("/usr/share/distro-info/", StringComparison.Ordinal) ? $"distro-info-data, {Path.GetFileName(place)}" : Path.GetFileName(place);
    }
    catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or FormatException or System.Text.Json.JsonException or TaskCanceledException)
    {
        failed++;
        Console.Error.WriteLine($"{product}: {e.Message}");
    }
}

// The day of the table is that of its oldest part: it moves only where every source answered.
var table = await File.ReadAllTextAsync(EndOfLifeSources.Table);
var today = failed == 0 && args is [] ? DateOnly.FromDateTime(DateTime.UtcNow) : DateOnly.Parse((string)System.Text.Json.Nodes.JsonNode.Parse(table)!["asOf"]!, System.Globalization.CultureInfo.InvariantCulture);
await File.WriteAllTextAsync(EndOfLifeSources.Table, EndOfLifeSources.Renew(table, lines, today, sources));
Console.WriteLine($"{EndOfLifeSources.Table}: {lines.Count} dates from {sources.Count} sources, {failed} not read.");
return failed == 0 ? 0 : 1;
