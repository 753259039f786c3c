using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>One affected package of an OSV record.</summary>
internal sealed record AffectedPackage(string Ecosystem, string Release, string Name, ImmutableHashSet<string> Versions, ImmutableArray<AffectedRange> Ranges);

/// <summary>Events of one OSV range, in the record's order.</summary>
internal sealed record AffectedRange(ImmutableArray<(string Kind, string Version)> Events);

/// <summary>An OSV record, as far as matching needs it.</summary>
internal sealed record Advisory
{
    public required string Id { get; init; }
    public ImmutableArray<string> Aliases { get; init; } = [];
    public string Summary { get; init; } = "";
    public DateTimeOffset Modified { get; init; }
    public Severity? Severity { get; init; }
    public double? Cvss { get; init; }
    public ImmutableArray<AffectedPackage> Affected { get; init; } = [];
}

/// <summary>Whether a version is affected, and by which version it is fixed.</summary>
internal enum Affection
{
    No,
    Yes,

    /// <summary>The versions cannot be ordered; not the same as no.</summary>
    Undetermined,
}

internal static class AdvisoryMatch
{
    /// <summary>OSV's evaluation: listed versions, or inside a range from <c>introduced</c> to before <c>fixed</c> (up to <c>last_affected</c>).</summary>
    public static (Affection Affection, string? Fixed) Evaluate(AffectedPackage affected, string version)
    {
        if (affected.Versions.Contains(version))
        {
            return (Affection.Yes, FixedAfter(affected, version));
        }

        var undetermined = false;
        foreach (var range in affected.Ranges)
        {
            var inside = false;
            foreach (var (kind, at) in range.Events)
            {
                var order = at == "0" ? 1 : VersionOrder.Compare(affected.Ecosystem, version, at);
                undetermined |= order is null;
                inside = kind switch
                {
                    "introduced" when order >= 0 => true,
                    "fixed" or "limit" when order >= 0 => false,
                    "last_affected" when order > 0 => false,
                    _ => inside,
                };
            }

            if (inside && !undetermined)
            {
                return (Affection.Yes, FixedAfter(affected, version));
            }
        }

        return (undetermined ? Affection.Undetermined : Affection.No, null);
    }

    private static string? FixedAfter(AffectedPackage affected, string version) =>
        affected.Ranges.SelectMany(r => r.Events).Where(e => e.Kind == "fixed" && VersionOrder.Compare(affected.Ecosystem, e.Version, version) > 0)
            .Select(e => e.Version).Order(Comparer<string>.Create((a, b) => VersionOrder.Compare(affected.Ecosystem, a, b) ?? 0)).FirstOrDefault();
}
