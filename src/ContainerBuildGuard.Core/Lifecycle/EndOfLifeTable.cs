using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace ContainerBuildGuard.Lifecycle;

/// <summary>Until when a release gets security fixes.</summary>
/// <remarks><c>End</c>: the last day of free security fixes, long-term support included. <c>Regular</c>: the last day of the regular ones, where volunteers go on after it.</remarks>
internal sealed record SupportedRelease(string Product, string Name, string Release, DateOnly End, DateOnly? Regular);

/// <summary>
/// Ends of support by <c>end-of-life.json</c>: dated data with its sources beside it, for images and hosts alike. A distribution's product is the <c>ID</c> of its os-release.
/// A release whose end nobody has published is not in it.
/// </summary>
internal sealed class EndOfLifeTable
{
    private readonly Dictionary<(string Product, string Release), SupportedRelease> _releases;

    private EndOfLifeTable(DateOnly asOf, IEnumerable<SupportedRelease> releases) => (AsOf, _releases) = (asOf, releases.ToDictionary(r => (r.Product, r.Release)));

    public static EndOfLifeTable Default { get; } = Load();

    public DateOnly AsOf { get; }

    public IReadOnlyCollection<SupportedRelease> Releases => _releases.Values;

    /// <summary>The release that a version belongs to: <c>3.22</c> for Alpine 3.22.1, <c>12</c> for Debian 12.9, <c>20.10</c> for Docker 20.10.24+dfsg1.</summary>
    public SupportedRelease? Find(string product, string version)
    {
        for (var line = version[..(version.IndexOfAny(['-', '+', '~']) is >= 0 and var end ? end : version.Length)]; line.Length > 0; line = line[..Math.Max(line.LastIndexOf('.'), 0)])
        {
            if (_releases.TryGetValue((product, line), out var release))
            {
                return release;
            }
        }

        return null;
    }

    private static EndOfLifeTable Load()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("end-of-life.json")!;
        using var json = JsonDocument.Parse(stream);
        static DateOnly Date(JsonElement value) => DateOnly.ParseExact(value.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        return new EndOfLifeTable(Date(json.RootElement.GetProperty("asOf")), json.RootElement.GetProperty("releases").EnumerateArray().Select(r => new SupportedRelease(
            r.GetProperty("product").GetString()!,
            r.GetProperty("name").GetString()!,
            r.GetProperty("release").GetString()!,
            Date(r.GetProperty("end")),
            r.TryGetProperty("regular", out var regular) ? Date(regular) : null)));
    }
}
