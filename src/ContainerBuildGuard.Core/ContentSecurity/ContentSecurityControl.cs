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
            AssetsEnrichment.Apply(inventory, assets, inspection.Layers.Length - 1);
        }

        var findings = new List<Finding>();
        if (!listOnly)
        {
            var baseImage = inspection.Image.Config.Labels.GetValueOrDefault("org.opencontainers.image.base.name", options.BaseImage);
            var now = time.GetUtcNow();
            findings.AddRange(SupportFindings.Of(inventory, baseImage, DateOnly.FromDateTime(now.UtcDateTime), options.MaxSupportAge));
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
        var findings = new List<Finding>([.. SupportFindings.Of(inventory, options.BaseImage, DateOnly.FromDateTime(now.UtcDateTime), options.MaxSupportAge), .. FreshnessFindings.Of(index, inventory, options, now)]);
        if (index is not null)
        {
            MatchAll(inventory.Packages, Writer(options.BaseImage, [], []), p => new Location { Origin = p.Origin, Path = p.Path }, findings, inventory.Gaps, cancellationToken);
        }

        return new ControlResult { Findings = findings, Packages = inventory.Packages, Gaps = inventory.Gaps };
    }

    private void Match(ImageInspection inspection, Inventory inventory, string baseImage, List<Finding> findings, CancellationToken cancellationToken)
    {
        if (index is null)
        {
            return;
        }

        var digest = inspection.Image.Digest.ToString();
        var attached = options.AttachedVex.Trusted.Where(d => d.IsForEveryPlatform || d.Subject == digest).ToList();
        MatchAll(inventory.Packages, Writer(baseImage, [digest, .. attached.Select(d => d.Subject)], ReadAttached(attached, findings)), p => inspection.Layers[p.LayerIndex].At(p.Path), findings, inventory.Gaps, cancellationToken);
    }

    private VulnerabilityFindings Writer(string baseImage, IReadOnlyCollection<string> images, IEnumerable<VexStatement> attached) =>
        new(options, [.. options.VexPaths.SelectMany(p => OpenVex.Load(p)), .. attached], baseImage, images);

    /// <summary>The statements of attached documents; each that does not count is a finding, so that nobody wonders.</summary>
    private List<VexStatement> ReadAttached(List<AttachedVexDocument> attached, List<Finding> findings)
    {
        var statements = new List<VexStatement>();
        var refused = options.AttachedVex.Refused.ToList();
        foreach (var document in attached)
        {
            try
            {
                statements.AddRange(OpenVex.Parse(document));
            }
            catch (Exception e) when (e is System.Text.Json.JsonException or InvalidOperationException or KeyNotFoundException)
            {
                refused.Add($"{document.Signer} signed it, and it cannot be read ({e.Message.TrimEnd('.')})");
            }
        }

        findings.AddRange(refused.Select(reason => new Finding
        {
            Rule = ContentSecurityRules.UntrustedVex,
            Severity = ContentSecurityRules.UntrustedVex.DefaultSeverity,
            Message = $"A VEX document that is attached to the image does not count: {reason.TrimEnd('.')}.",
            Remedy = "Have it signed by whom the policy trusts for this image (`cbg attest --type openvex`), or name its file with --vex.",
            Key = reason,
        }));
        return statements;
    }

    private void MatchAll(IEnumerable<Package> packages, VulnerabilityFindings writer, Func<Package, Location> locate, List<Finding> findings, List<Gap> gaps, CancellationToken cancellationToken)
    {
        var matcher = new VulnerabilityMatcher(index!);
        // What is named and not there cannot be attacked.
        foreach (var package in packages.Where(p => p.Presence is not (Presence.Absent or Presence.BuildOnly)))
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
