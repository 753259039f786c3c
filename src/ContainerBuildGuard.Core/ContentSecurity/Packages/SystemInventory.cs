using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The distribution's packages: dpkg, chisel, apk, rpm.</summary>
internal sealed class SystemInventory
{
    private readonly FileObserver<OperatingSystemRelease> _release = new("os-release/2", e => OperatingSystemRelease.Paths.Contains(e.Path), OperatingSystemRelease.Parse, (w, r) => r.Save(w), OperatingSystemRelease.Load);
    private readonly FileObserver<Catalogue> _dpkg = Catalogues("dpkg/2", DpkgStatus.Wants, DpkgStatus.Parse);
    private readonly FileObserver<Catalogue> _chisel = Catalogues("chisel/1", ChiselManifest.Wants, ChiselManifest.Parse);
    private readonly FileObserver<Catalogue> _apk = Catalogues("apk/2", ApkInstalled.Wants, ApkInstalled.Parse);
    private readonly FileObserver<Catalogue> _rpmManifest = Catalogues("rpmmanifest/1", RpmManifest.Wants, RpmManifest.Parse);

    public IEnumerable<ILayerObserver> Observers => [_release, _dpkg, _chisel, _apk, _rpmManifest, new RpmDatabaseObserver()];

    public static FileObserver<Catalogue> Catalogues(string version, Func<string, bool> wants, Func<ReadOnlyMemory<byte>, Catalogue> parse) =>
        new($"{version}/{Catalogue.Format}", e => wants(e.Path), parse, (w, c) => c.Save(w), Catalogue.Load);

    public OperatingSystemRelease? Release(ImageInspection inspection) =>
        _release.Visible(inspection).OrderBy(r => Array.IndexOf(OperatingSystemRelease.Paths, r.Entry.Path)).Select(r => r.Parsed).FirstOrDefault(r => r.Id.Length > 0);

    public void Read(ImageInspection inspection, Inventory inventory)
    {
        var databases = new List<FoundFile<Catalogue>>();
        var chisel = _chisel.Visible(inspection).ToList();
        var cut = chisel.SelectMany(c => c.Parsed.Packages).DistinctBy(p => p.Name).ToList();
        var dpkg = _dpkg.Visible(inspection).ToList();
        if (dpkg.Count == 0)
        {
            databases.AddRange(chisel);
        }

        databases.AddRange(dpkg.Select((d, i) => cut.Count > 0 && i == 0 ? d with { Parsed = new Catalogue([.. ChiselManifest.Join(d.Parsed.Packages, cut)], [.. d.Parsed.Problems, .. chisel.SelectMany(c => c.Parsed.Problems)]) } : d));
        databases.AddRange(_apk.Visible(inspection));
        databases.AddRange(RpmDatabaseObserver.Visible(inspection));
        // The list with sources and epochs, where both are there.
        databases.AddRange(_rpmManifest.Visible(inspection).OrderBy(m => m.Entry.Path == RpmManifest.Full ? 0 : 1).Take(1));

        var layers = new PackageLayers([.. _dpkg.All(inspection), .. _apk.All(inspection), .. RpmDatabaseObserver.All(inspection), .. _rpmManifest.All(inspection), .. _chisel.All(inspection)]);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (entry, found) in databases)
        {
            inventory.Gaps.AddRange(found.Problems.Select(p => new Gap("operating system packages", p, entry.LayerIndex, entry.Path)));
            inventory.Packages.AddRange(found.Packages.Where(p => seen.Add($"{p.Name}\n{p.Version}\n{p.Architecture}")).Select(p => ToPackage(inspection, entry, layers.Of(entry, p), inventory.Release, p)));
        }

        AddGaps(inventory, databases.Count > 0);
    }

    /// <summary>A distribution that is known and has no packages is a gap, as is one that nobody has advisories for: neither is ever clean.</summary>
    private static void AddGaps(Inventory inventory, bool hasDatabase)
    {
        var release = inventory.Release;
        if (release is not null && inventory.Packages.Count == 0 && !hasDatabase)
        {
            inventory.Gaps.Add(new Gap("operating system packages", $"no package database of {release.PrettyName} was found", null, OperatingSystemRelease.Paths[0]));
        }
        else if (release is not null && inventory.Packages.Count == 0)
        {
            inventory.Gaps.Add(new Gap("operating system packages", $"the package database of {release.PrettyName} names no package", null, OperatingSystemRelease.Paths[0]));
        }
        else if (inventory.Packages.Count > 0 && release?.Osv is null)
        {
            inventory.Gaps.Add(new Gap("operating system packages", release is null
                ? "the image has packages of a distribution, and no os-release that says which"
                : $"the image has packages, but its os-release ({release.PrettyName}) names no distribution and release that the guard has advisories for", null, inventory.Packages[0].Path));
        }
    }

    private static Package ToPackage(ImageInspection inspection, LayerEntry entry, int layer, OperatingSystemRelease? release, SystemPackage p)
    {
        var type = ApkInstalled.Wants(entry.Path) ? "apk" : DpkgStatus.Wants(entry.Path) || ChiselManifest.Wants(entry.Path) ? "deb" : "rpm";
        var (ecosystem, number) = release?.Osv ?? (type switch { "apk" => "Alpine", "deb" => "Debian", _ => RedHatStreams.Ecosystem }, "");
        var id = release?.Id is { Length: > 0 } named ? named : type switch { "apk" => "alpine", "deb" => "debian", _ => "rpm" };
        // In package URLs an RPM's epoch is a qualifier, not part of the version.
        var colon = type == "rpm" ? p.Version.IndexOf(':', StringComparison.Ordinal) : -1;
        return new Package
        {
            Purl = PackageUrl.Of(type, id, p.Name, p.Version[(colon + 1)..], ("arch", p.Architecture), ("epoch", colon < 0 ? "" : p.Version[..colon]), ("rpmmod", p.Module), ("distro", release is { VersionId.Length: > 0 } ? $"{id}-{release.VersionId}" : "")),
            Ecosystem = ecosystem,
            EcosystemRelease = number,
            Name = p.Name,
            Version = p.Version,
            SourceName = p.SourceName,
            SourceVersion = p.SourceVersion,
            Origin = inspection.Layers[layer].Origin,
            LayerIndex = layer,
            Path = entry.Path,
            License = p.License,
            Module = p.Module,
            Presence = p.IsDocumentation ? Presence.DocumentationOnly : Presence.Present,
        };
    }
}
