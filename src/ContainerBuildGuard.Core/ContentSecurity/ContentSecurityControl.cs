using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Vulnerable and unsupported packages of an image.</summary>
/// <remarks><c>index</c>: null lists packages without comparing them. <c>listOnly</c>: nobody asked for a comparison, so that its absence is no finding.</remarks>
public sealed class ContentSecurityControl(AdvisoryIndex? index, ContentSecurityOptions options, TimeProvider time, bool listOnly = false) : IImageControl
{
    private readonly PackageInventory _inventory = new();

    public Control Control => Control.ContentSecurity;

    public IEnumerable<ILayerObserver> CreateObservers() => _inventory.Observers;

    public ValueTask<ControlResult> JudgeAsync(ImageInspection inspection, CancellationToken cancellationToken)
    {
        var inventory = _inventory.Read(inspection);
        if (options.Assets is { } assets)
        {
            AssetsEnrichment.Apply(inventory, assets);
        }

        var findings = new List<Finding>();
        if (!listOnly)
        {
            var baseImage = inspection.Image.Config.Labels.GetValueOrDefault("org.opencontainers.image.base.name", options.BaseImage);
            var now = time.GetUtcNow();
            findings.AddRange(SupportFindings.Of(inventory, baseImage, DateOnly.FromDateTime(now.UtcDateTime)));
            findings.AddRange(FreshnessFindings.Of(index, inventory, options, now));
            findings.AddRange(inventory.Opaque.Select(e => Opaque(inspection.LayerOf(e).At(e.Path))));
            Match(inspection, inventory, baseImage, findings, cancellationToken);
        }

        return new(new ControlResult { Findings = findings, Packages = inventory.Packages, Gaps = inventory.Gaps });
    }

    /// <summary>Judges the packages of a bill of materials.</summary>
    internal ControlResult Judge(SbomDocument document, CancellationToken cancellationToken)
    {
        var inventory = new Inventory { Release = document.Release };
        inventory.Packages.AddRange(document.Packages);
        inventory.Gaps.AddRange(document.Gaps);
        var now = time.GetUtcNow();
        var findings = new List<Finding>([.. SupportFindings.Of(inventory, options.BaseImage, DateOnly.FromDateTime(now.UtcDateTime)), .. FreshnessFindings.Of(index, inventory, options, now)]);
        if (index is not null)
        {
            MatchAll(inventory.Packages, Writer(options.BaseImage), p => new Location { Origin = p.Origin, Path = p.Path }, findings, inventory.Gaps, cancellationToken);
        }

        return new ControlResult { Findings = findings, Packages = inventory.Packages, Gaps = inventory.Gaps };
    }

    private void Match(ImageInspection inspection, Inventory inventory, string baseImage, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (index is null)
        {
            return;
        }

        MatchAll(inventory.Packages, Writer(baseImage), p => inspection.Layers[p.LayerIndex].At(p.Path), findings, inventory.Gaps, cancellationToken);
    }

    private VulnerabilityFindings Writer(string baseImage) => new(options, [.. options.VexPaths.SelectMany(p => OpenVex.Load(p))], baseImage);

    private void MatchAll(IEnumerable<Package> packages, VulnerabilityFindings writer, Func<Package, Location> locate, List<Finding> findings, List<Gap> gaps, CancellationToken cancellationToken)
    {
        var matcher = new VulnerabilityMatcher(index!);
        // What is named and not there cannot be attacked.
        foreach (var package in packages.Where(p => p.Presence != Presence.Absent))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (vulnerabilities, undetermined) = matcher.Match(package);
            if (!package.IsVersionCertain)
            {
                if (matcher.Knows(package))
                {
                    gaps.Add(new Gap($"{package.Name} (assembly version {package.Version})", "there are advisories for the package of this name, and the assembly does not say which version of it it is", package.LayerIndex, package.Path));
                }

                continue;
            }

            findings.AddRange(vulnerabilities.Select(v => writer.Of(locate(package), package, v)));
            if (undetermined.Count > 0)
            {
                gaps.Add(VulnerabilityFindings.Undetermined(package, undetermined));
            }
        }
    }

    private static Finding Opaque(Location location) => new()
    {
        Rule = ContentSecurityRules.UnknownContents,
        Severity = ContentSecurityRules.UnknownContents.DefaultSeverity,
        Message = $"/{location.Path} is a Native AOT program: which packages were compiled into it cannot be told from the image.",
        Remedy = "Publish it with the guard, which then takes the packages from the build, or scan the bill of materials of its build with `cbg scan`.",
        Location = location,
    };
}
