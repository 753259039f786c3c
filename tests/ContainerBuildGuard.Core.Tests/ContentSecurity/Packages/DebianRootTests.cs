using ContainerBuildGuard.SystemPackages;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Bookworm by real packages at two points in time: as its last point release left it, and with the security updates since.</summary>
[TestClass]
public sealed class DebianRootTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-bookworm-");

    public TestContext TestContext { get; set; } = null!;

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task A_root_lists_what_dpkg_lists_and_security_updates_take_its_findings_away()
    {
        if (!ProcessRunner.Exists("mmdebstrap") || !ProcessRunner.Exists("apt-get") || !Environment.IsPrivilegedProcess)
        {
            Assert.Inconclusive("mmdebstrap is not installed, or this is not root.");
        }

        var archives = (await ProcessRunner.RunAsync("apt-get", ["indextargets", "--format", "$(SITE) $(RELEASE)", "Identifier: Packages", "Component: main"], _folder.FullName)).Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(' ')).Where(p => p.Length == 2).DistinctBy(p => p[1]).ToDictionary(p => p[1], p => $"deb {p[0]} {p[1]} main");
        var (release, security) = (archives.GetValueOrDefault("bookworm"), archives.GetValueOrDefault("bookworm-security"));
        if (release is null || security is null)
        {
            Assert.Inconclusive("This machine's package sources do not have bookworm and its security updates.");
        }

        var (before, after) = await RootsAsync(release, security);
        foreach (var root in new[] { before, after })
        {
            var listed = await ProcessRunner.MustAsync("dpkg-query", $"--admindir={Path.Combine(root, "var", "lib", "dpkg")}", "-W", "-f", "${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n");
            CollectionAssert.AreEquivalent(listed.Split('\n', StringSplitOptions.RemoveEmptyEntries), (await CheckAsync(root, null)).Packages.Select(p => $"{p.Name} {p.Version} {p.Purl.Split("arch=")[1].Split('&')[0]} {p.SourceName} {p.SourceVersion}").ToArray());
        }

        var older = (await CheckAsync(before, null)).Packages.ToDictionary(p => p.Name);
        var raised = (await CheckAsync(after, null)).Packages.Where(p => older.TryGetValue(p.Name, out var old) && DebianVersion.Compare(old.SourceVersion!, p.SourceVersion!) < 0).ToList();
        if (raised.Count == 0)
        {
            Assert.Inconclusive("There is no security update for an essential package since the last point release.");
        }

        var advisories = Directory.CreateDirectory(Path.Combine(_folder.FullName, "osv")).FullName;
        foreach (var source in raised.DistinctBy(p => p.SourceName))
        {
            await File.WriteAllTextAsync(Path.Combine(advisories, $"{source.SourceName}.json"), $$"""
                {"id":"DLA-{{source.SourceName}}","modified":"2026-11-20T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"{{source.SourceName}}"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"{{source.SourceVersion}}"}]}]}]}
                """, TestContext.CancellationToken);
        }

        var found = (await CheckAsync(before, advisories)).Findings.Where(f => f.Advisory is not null).ToList();
        CollectionAssert.AreEquivalent(raised.ConvertAll(p => $"{p.Name} DLA-{p.SourceName}"), found.ConvertAll(f => $"{f.Package!.Name} {f.Advisory!.Id}"));
        Assert.IsEmpty((await CheckAsync(after, advisories)).Findings.Where(f => f.Advisory is not null));
    }

    /// <summary>One root, and what it was before its security updates.</summary>
    private async Task<(string Before, string After)> RootsAsync(string release, string security)
    {
        var (before, after) = (Path.Combine(_folder.FullName, "before"), Path.Combine(_folder.FullName, "after"));
        string[] hooks =
        [
            $"mkdir -p {before}/var/lib {before}/usr/lib && cp -a \"$1/var/lib/dpkg\" {before}/var/lib/ && cp \"$1/usr/lib/os-release\" {before}/usr/lib/",
            $"echo '{security}' > \"$1/etc/apt/sources.list.d/security.list\"",
            "chroot \"$1\" apt-get -q update && chroot \"$1\" apt-get -qy upgrade",
        ];
        var made = await ProcessRunner.RunAsync("mmdebstrap", ["--quiet", "--variant=apt", .. hooks.Select(h => $"--customize-hook={h}"), "bookworm", after, release], _folder.FullName, TimeSpan.FromMinutes(4));
        if (made.ExitCode != 0)
        {
            Assert.Inconclusive($"mmdebstrap cannot make a root here: {made.Output}");
        }

        return (before, after);
    }

    private Task<Inspection.ControlResult> CheckAsync(string root, string? advisories) => ContentCheck.RunAsync(
        new ImageBuilder().Layer(l => l.File("usr/lib/os-release", File.ReadAllBytes(Path.Combine(root, "usr/lib/os-release"))).File("var/lib/dpkg/status", File.ReadAllBytes(Path.Combine(root, "var/lib/dpkg/status")))),
        advisories,
        new(),
        TestContext.CancellationToken);
}
