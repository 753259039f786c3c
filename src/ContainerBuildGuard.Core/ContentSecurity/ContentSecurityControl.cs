using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Vulnerable and unsupported packages of an image. Without a database the packages are listed and their vulnerabilities are a gap.</summary>
public sealed class ContentSecurityControl(AdvisoryDatabase? database, TimeProvider time) : IImageControl
{
    private static readonly TimeSpan StaleAfter = TimeSpan.FromDays(14);
    private readonly PackageInventory _inventory = new();

    public Control Control => Control.ContentSecurity;

    public IEnumerable<ILayerObserver> CreateObservers() => _inventory.Observers;

    public ValueTask<ControlResult> JudgeAsync(ImageInspection inspection, CancellationToken cancellationToken)
    {
        var (release, packages, gaps) = _inventory.Read(inspection);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var findings = new List<Finding>();
        findings.AddRange(new[] { EndOfLife.OfDistribution(release, today) }.Concat(packages.Select(p => EndOfLife.OfRuntime(p, today))).OfType<Finding>());
        if (database is not null)
        {
            if (time.GetUtcNow() - database.AsOf > StaleAfter)
            {
                findings.Add(Stale(database.AsOf));
            }

            foreach (var package in packages)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Match(inspection, package, database, findings, gaps);
            }
        }

        return new(new ControlResult { Findings = findings, Packages = packages, Gaps = gaps });
    }

    private static void Match(ImageInspection inspection, Package package, AdvisoryDatabase database, List<Finding> findings, List<Gap> gaps)
    {
        var version = package.SourceVersion ?? package.Version;
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (advisory, affected) in database.For(package).OrderByDescending(a => a.Advisory.Severity))
        {
            var (affection, fixedIn) = AdvisoryMatch.Evaluate(affected, version);
            if (affection == Affection.Undetermined)
            {
                gaps.Add(new Gap($"{package.Name} {version} against {advisory.Id}", "the versions cannot be ordered", package.LayerIndex, package.Path));
            }
            else if (affection == Affection.Yes && seen.Add(advisory.Id) && advisory.Aliases.All(a => !a.StartsWith("CVE-", StringComparison.Ordinal) || seen.Add(a)))
            {
                findings.Add(Finding(inspection, package, advisory, fixedIn));
            }
        }
    }

    private static Finding Finding(ImageInspection inspection, Package package, Advisory advisory, string? fixedIn)
    {
        var rule = ContentSecurityRules.For(advisory.Severity);
        var cve = advisory.Id.StartsWith("CVE-", StringComparison.Ordinal) ? advisory.Id : advisory.Aliases.FirstOrDefault(a => a.StartsWith("CVE-", StringComparison.Ordinal));
        var origin = package.Origin == Origin.Base ? "base image" : "app";
        return new Finding
        {
            Rule = rule,
            Severity = advisory.Severity ?? rule.DefaultSeverity,
            Message = $"{package.Name} {package.Version} ({origin}) has {advisory.Id}{(cve is null || cve == advisory.Id ? "" : $" ({cve})")}{(advisory.Summary.Length == 0 ? "" : $": {Shorten(advisory.Summary)}")}{(fixedIn is null ? "; no fixed version is known." : $"; fixed in {fixedIn}.")}",
            Remedy = Remedy(package, fixedIn),
            Location = inspection.Layers[package.LayerIndex].At(package.Path),
            Package = new PackageReference { Purl = package.Purl, Name = package.Name, Version = package.Version, FixedVersion = fixedIn, DependencyPath = package.DependencyPath },
            Advisory = new AdvisoryReference { Id = advisory.Id, Aliases = advisory.Aliases, Cvss = advisory.Cvss, Url = $"https://osv.dev/vulnerability/{Uri.EscapeDataString(advisory.Id)}" },
        };
    }

    private static string Remedy(Package package, string? fixedIn)
    {
        if (package.Ecosystem != "NuGet")
        {
            return fixedIn is null
                ? $"Choose a base image without {package.Name}, or waive the finding until there is a fix."
                : $"Take a newer base image: one whose {package.SourceName ?? package.Name} is {fixedIn} or later (ContainerBaseImage).";
        }

        if (package.Name.StartsWith("Microsoft.NETCore.App", StringComparison.Ordinal) || package.Name.StartsWith("Microsoft.AspNetCore.App", StringComparison.Ordinal))
        {
            return $"Take a base image (or, self-contained, an SDK) with the runtime {fixedIn ?? "of a fixed version"}.";
        }

        var direct = package.DependencyPath.Length <= 2;
        return fixedIn is null
            ? $"Replace {package.Name}; no version of it is fixed."
            : direct
                ? $"Set <PackageReference Include=\"{package.Name}\" Version=\"{fixedIn}\" />."
                : $"{string.Join(" > ", package.DependencyPath)}: update {package.DependencyPath[1].Split('/')[0]}, or add <PackageReference Include=\"{package.Name}\" Version=\"{fixedIn}\" />.";
    }

    private static Finding Stale(DateTimeOffset asOf) => new()
    {
        Rule = ContentSecurityRules.StaleDatabase,
        Severity = ContentSecurityRules.StaleDatabase.DefaultSeverity,
        Message = $"The advisory database knows nothing newer than {asOf.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}.",
        Remedy = "Run `cbg advisories update`.",
    };

    private static string Shorten(string text) => text.Length <= 120 ? text.TrimEnd('.') : text[..117] + "...";
}
