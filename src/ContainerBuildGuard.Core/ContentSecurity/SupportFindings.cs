using System.Globalization;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Lifecycle;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Releases that get no security fixes any more, or soon will not.</summary>
internal static partial class SupportFindings
{
    private const int SoonDays = 90;

    /// <remarks><c>maxAge</c>: how old the table of dates may be.</remarks>
    public static IEnumerable<Finding> Of(Inventory inventory, string baseImage, DateOnly today, TimeSpan maxAge)
    {
        if (today.DayNumber - EndOfLifeTable.Default.AsOf.DayNumber is var age && age > maxAge.TotalDays)
        {
            yield return new Finding
            {
                Rule = ContentSecurityRules.StaleSupportDates,
                Severity = ContentSecurityRules.StaleSupportDates.DefaultSeverity,
                Message = string.Create(CultureInfo.InvariantCulture, $"The table of ends of support is as of {Day(EndOfLifeTable.Default.AsOf)}, {age} days ago; {maxAge.TotalDays:0} are allowed."),
                Remedy = "Update ContainerBuildGuard, or allow more with max-end-of-life-age in the policy.",
            };
        }

        if (inventory.Release is { } release && EndOfLifeTable.Default.Find(release.Id, release.VersionId) is { } distribution
            && Judge(distribution, today, "Set <ContainerBaseImage> (or <ContainerFamily>) to an image on a supported release.", null) is { } old)
        {
            yield return old;
        }

        var lines = new HashSet<string>(StringComparer.Ordinal);
        foreach (var package in inventory.Packages.Where(p => p.Presence == Presence.Present && (SharedRuntime.FrameworkOf(p.Name) == "Microsoft.NETCore.App" || p.Name == "Microsoft.NETCore.App.Runtime.NativeAOT")))
        {
            if (EndOfLifeTable.Default.Find("dotnet", package.Version) is { } runtime && lines.Add(runtime.Release)
                && Judge(runtime, today, "Set <TargetFramework> to a supported version of .NET and publish again.", package) is { } finding)
            {
                yield return finding;
            }
        }

        // An app that brings its own .NET can still stand on a base image of an old one.
        if (BaseTag().Match(baseImage) is { Success: true } tag && lines.Add(tag.Groups[1].Value) && EndOfLifeTable.Default.Find("dotnet", tag.Groups[1].Value) is { } named
            && Judge(named, today, $"The base image is {baseImage}: set <ContainerBaseImage> to one of a supported version of .NET.", null) is { } ofBase)
        {
            yield return ofBase;
        }
    }

    private static Finding? Judge(SupportedRelease release, DateOnly today, string remedy, Package? package)
    {
        var days = release.End.DayNumber - today.DayNumber;
        var rule = days < 0 ? ContentSecurityRules.EndOfLife : ContentSecurityRules.EndOfLifeSoon;
        var name = $"{release.Name} {release.Release}";
        var message = days < 0 ? $"{name} has had no free security support since {Day(release.End)}."
            : days <= SoonDays ? $"{name} gets no free security fixes after {Day(release.End)}, in {days} days."
            : release.Regular is { } regular && regular < today ? $"{name} has been in long-term support since {Day(regular)}: fixes come from a smaller team and not for every package, until {Day(release.End)}."
            : null;
        return message is null ? null : new Finding
        {
            Rule = rule,
            Severity = rule.DefaultSeverity,
            Message = message,
            Remedy = remedy,
            Location = package is null ? new Location() : new Location { LayerIndex = package.LayerIndex, Origin = package.Origin, Path = package.Path },
            Key = $"{release.Product} {release.Release}",
        };
    }

    private static string Day(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    [GeneratedRegex(@"/dotnet/(?:nightly/)?(?:aspnet|runtime|runtime-deps|sdk):([0-9]+\.[0-9]+)(?=[.\-@]|$)")]
    private static partial Regex BaseTag();
}
