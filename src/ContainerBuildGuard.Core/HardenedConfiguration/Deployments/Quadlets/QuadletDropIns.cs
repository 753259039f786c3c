namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>
/// The drop-ins that lie over a quadlet: for <c>web-shop.container</c> the <c>*.conf</c> of <c>container.d</c>, <c>web-.container.d</c> and <c>web-shop.container.d</c> beside it. They
/// are read in the order of their names, wherever they lie; of one name the most particular counts (podman-systemd.unit(5), systemd.unit(5)).
/// </summary>
internal static class QuadletDropIns
{
    public static IEnumerable<string> Of(string quadlet, List<DocumentProblem> problems)
    {
        var (parent, stem, kind) = (Path.GetDirectoryName(quadlet) ?? "", Path.GetFileNameWithoutExtension(quadlet), Path.GetExtension(quadlet));
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        IEnumerable<string> folders = [$"{kind[1..]}.d", .. Enumerable.Range(0, stem.Length).Where(i => stem[i] == '-').Select(i => $"{stem[..(i + 1)]}{kind}.d"), $"{stem}{kind}.d"];
        foreach (var folder in folders.Select(f => new DirectoryInfo(Path.Combine(parent, f))).Where(f => f is { Exists: true, LinkTarget: null }))
        {
            if (ManifestFiles.TryList(folder, out var reason) is not { } entries)
            {
                problems.Add(new DocumentProblem(new SourceText(folder.FullName, ""), 1, 1, reason));
                continue;
            }

            foreach (var file in entries.OfType<FileInfo>().Where(f => f is { Extension: ".conf", LinkTarget: null }))
            {
                files[file.Name] = Path.Combine(parent, folder.Name, file.Name);
            }
        }

        return files.Values;
    }
}
