using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Folders with more in them than files: links, pipes, names and sizes that nobody expects.</summary>
[TestClass]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class ManifestFolderTests
{
    private const string Bad = "services: { web: { image: 'a:1', privileged: true } }";

    [TestMethod]
    public void A_link_that_stays_inside_is_read_once()
    {
        using var files = new Manifests();
        files.Add("real/compose.txt", Bad);
        File.CreateSymbolicLink(Path.Combine(files.Folder, "compose.yaml"), "real/compose.txt");
        File.CreateSymbolicLink(Path.Combine(files.Folder, "again.yaml"), "compose.yaml");
        var audit = files.Audit();
        Assert.HasCount(1, audit.Findings.Where(f => f.Code == "CBG2201"));
        Assert.AreEqual(0, audit.Unread);
    }

    [TestMethod]
    public void A_link_that_leads_out_is_no_silent_pass()
    {
        using var elsewhere = new Manifests();
        using var files = new Manifests();
        files.Add("clean.yaml", "services: { web: { image: 'a:1' } }");
        File.CreateSymbolicLink(Path.Combine(files.Folder, "compose.yaml"), elsewhere.Add("compose.yaml", Bad));
        Directory.CreateSymbolicLink(Path.Combine(files.Folder, "folder"), elsewhere.Folder);
        var audit = files.Audit();
        Assert.AreEqual(1, audit.Unread);
        Assert.Contains("outside", audit.Findings.Single(f => f.Location.Path!.EndsWith("/compose.yaml", StringComparison.Ordinal)).Message);
        Assert.Contains("a folder elsewhere", audit.Findings.Single(f => f.Location.Path!.EndsWith("/folder", StringComparison.Ordinal)).Message);
        Assert.DoesNotContain("CBG2201", audit.Findings.Select(f => f.Code));
    }

    [TestMethod]
    public void Loops_of_links_end()
    {
        using var files = new Manifests();
        files.Add("deploy/compose.yaml", Bad);
        File.CreateSymbolicLink(Path.Combine(files.Folder, "a.yaml"), "b.yaml");
        File.CreateSymbolicLink(Path.Combine(files.Folder, "b.yaml"), "a.yaml");
        Directory.CreateSymbolicLink(Path.Combine(files.Folder, "deploy", "up"), "..");
        var audit = files.Audit();
        Assert.HasCount(1, audit.Findings.Where(f => f.Code == "CBG2201"));
        Assert.AreEqual(2, audit.Unread);
    }

    [TestMethod]
    [Timeout(30_000)]
    public async Task Pipes_and_huge_files_cost_nothing_and_strange_names_forge_nothing()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("Pipes and these names are Linux's.");
            return;
        }

        using var files = new Manifests();
        await ProcessRunner.MustAsync("mkfifo", Path.Combine(files.Folder, "pipe.yaml"));
        using (var huge = File.Create(Path.Combine(files.Folder, "huge.yaml")))
        {
            huge.SetLength(1L << 30);
        }

        files.Add("a\nerror CBG1001: forged\u001b[31m.yaml", Bad);
        var audit = files.Audit();
        Assert.AreEqual(1, audit.Unread);
        Assert.Contains("over the limit", audit.Findings.Single(f => f.Location.Path!.EndsWith("huge.yaml", StringComparison.Ordinal)).Message);
        var finding = audit.Findings.Single(f => f.Code == "CBG2201");
        Assert.IsFalse((finding.Location.Path + finding.Message).Any(char.IsControl));
        Assert.Contains("or a pipe", files.Audit("pipe.yaml").Findings.Single(f => f.Code == DeploymentVerdict.UnreadCode).Message);
    }
}
