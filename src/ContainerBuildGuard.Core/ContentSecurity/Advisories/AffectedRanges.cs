using System.Collections.Immutable;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Whether a version is affected.</summary>
internal enum Affection
{
    No,
    Yes,

    /// <summary>The versions cannot be ordered; not the same as no.</summary>
    Undetermined,
}

/// <summary>Evaluates affected versions (Open Source Vulnerability format, "Evaluation").</summary>
internal static class AffectedRanges
{
    /// <summary>Whether <paramref name="version"/> is affected, and the version that fixes it where one is known.</summary>
    public static (Affection Affection, string? Fixed) Evaluate(AffectedPackage affected, string version)
    {
        var compare = VersionOrder.For(affected.Ecosystem);
        if (affected.Versions.Contains(version))
        {
            return (Affection.Yes, NextFix(affected, version, compare));
        }

        var undetermined = affected.Ranges.IsEmpty && affected.Versions.IsEmpty;
        foreach (var range in affected.Ranges)
        {
            switch (Evaluate(range, version, compare, out var fix))
            {
                case Affection.Yes:
                    return (Affection.Yes, fix);
                case Affection.Undetermined:
                    undetermined = true;
                    break;
            }
        }

        return (undetermined ? Affection.Undetermined : Affection.No, null);
    }

    /// <summary>Orders the events of each range, and leaves out listed versions that a range covers anyway: most lists repeat the ranges at length.</summary>
    public static AffectedPackage Normalise(AffectedPackage affected)
    {
        // The usual record needs nothing: everything before one fixed version.
        if (affected.Versions.IsEmpty && affected.Ranges.All(IsPlain))
        {
            return affected;
        }

        var compare = VersionOrder.For(affected.Ecosystem);
        var ordered = affected with { Ranges = [.. affected.Ranges.Select(r => Order(r, compare))] };
        return ordered.Ranges.IsEmpty || ordered.Versions.IsEmpty ? ordered
            : ordered with { Versions = [.. ordered.Versions.Where(v => !ordered.Ranges.Any(r => Evaluate(r, v, compare, out _) == Affection.Yes))] };
    }

    private static bool IsPlain(AffectedRange range) =>
        range.Events is [_] || range.Events is [{ Kind: RangeEventKind.Introduced, Version: "0" }, { Kind: RangeEventKind.Fixed or RangeEventKind.LastAffected, Version: not "0" }];

    private static Affection Evaluate(AffectedRange range, string version, VersionComparison compare, out string? fix)
    {
        var (inside, below, limits) = (false, false, false);
        fix = null;
        foreach (var (kind, at) in range.Events)
        {
            var order = (kind, at) switch
            {
                (RangeEventKind.Introduced, "0") => 1,
                (RangeEventKind.Limit, "*") => -1,
                _ => compare(version, at),
            };
            if (order is null)
            {
                return Affection.Undetermined;
            }

            switch (kind)
            {
                case RangeEventKind.Introduced when order >= 0:
                    (inside, fix) = (true, null);
                    break;
                case RangeEventKind.Fixed when order >= 0:
                case RangeEventKind.LastAffected when order > 0:
                    inside = false;
                    break;
                case RangeEventKind.Fixed when inside:
                    fix ??= at;
                    break;
                case RangeEventKind.Limit:
                    limits = true;
                    below |= order < 0;
                    break;
            }
        }

        return inside && (!limits || below) ? Affection.Yes : Affection.No;
    }

    private static AffectedRange Order(AffectedRange range, VersionComparison compare)
    {
        if (range.Events.Length < 2)
        {
            return range;
        }

        var decidable = true;
        int Compare(RangeEvent a, RangeEvent b)
        {
            int? order = Rank(a) is var x && Rank(b) is var y && (x != 0 || y != 0) ? x.CompareTo(y) : compare(a.Version, b.Version);
            decidable &= order is not null;
            return order ?? 0;
        }

        static int Rank(RangeEvent e) => e.Version switch { "0" when e.Kind == RangeEventKind.Introduced => -1, "*" => 1, _ => 0 };
        var sorted = range.Events.ToArray();
        // Insertion: stable, and a range has few events, mostly in order already.
        for (var i = 1; i < sorted.Length; i++)
        {
            for (var j = i; j > 0 && Compare(sorted[j - 1], sorted[j]) > 0; j--)
            {
                (sorted[j - 1], sorted[j]) = (sorted[j], sorted[j - 1]);
            }
        }

        if (!decidable)
        {
            return range;
        }

        // At one version an end before a beginning keeps what follows affected; only a range that begins there ends there.
        var open = false;
        for (var i = 0; i < sorted.Length; i++)
        {
            if (i + 1 < sorted.Length && open == (sorted[i].Kind == RangeEventKind.Introduced) && sorted[i].Kind != sorted[i + 1].Kind && Compare(sorted[i], sorted[i + 1]) == 0)
            {
                (sorted[i], sorted[i + 1]) = (sorted[i + 1], sorted[i]);
            }

            open = sorted[i].Kind switch { RangeEventKind.Introduced => true, RangeEventKind.Fixed or RangeEventKind.LastAffected => false, _ => open };
        }

        return new AffectedRange(ImmutableArray.Create(sorted));
    }

    private static string? NextFix(AffectedPackage affected, string version, VersionComparison compare) =>
        affected.Ranges.SelectMany(r => r.Events).Where(e => e.Kind == RangeEventKind.Fixed && compare(e.Version, version) > 0)
            .Select(e => e.Version).Order(Comparer<string>.Create((a, b) => compare(a, b) ?? 0)).FirstOrDefault();
}
