namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

[TestClass]
public sealed class QuadletDropInTests
{
    private const string Unit = "[Container]\nImage=registry.example.com/web:1\nVolume=/var/run/docker.sock:/s\nAddCapability=SYS_ADMIN\n";

    [TestMethod]
    [DataRow("container.d")]
    [DataRow("web-.container.d")]
    [DataRow("web-shop.container.d")]
    public void What_a_drop_in_adds_is_judged_and_has_its_place(string folder)
    {
        using var files = new Manifests();
        files.Add("web-shop.container", "[Container]\nImage=registry.example.com/web:1\n");
        files.Add($"{folder}/10-more.conf", "# more\n[Container]\nPodmanArgs=--privileged\n");
        var audit = files.Audit("web-shop.container");
        var finding = audit.Findings.Single(f => f.Code == "CBG2201");
        Assert.EndsWith("10-more.conf", finding.Location.Path!);
        Assert.AreEqual(3, finding.Location.Line);
        Assert.AreEqual(1, audit.Documents);
    }

    [TestMethod]
    public void An_empty_value_in_a_drop_in_takes_back_what_the_unit_says()
    {
        using var files = new Manifests();
        files.Add("web.container", Unit);
        files.Add("web.container.d/a.conf", "[Container]\nVolume=\nAddCapability=\nAddCapability=CHOWN\n");
        var codes = files.Audit().Findings.Select(f => f.Code).ToList();
        Assert.DoesNotContain("CBG2207", codes);
        Assert.DoesNotContain("CBG2211", codes);
    }

    [TestMethod]
    public void Drop_ins_lie_in_the_order_of_their_names_and_the_most_particular_of_one_name_counts()
    {
        using var files = new Manifests();
        files.Add("web.container", Unit);
        files.Add("container.d/z.conf", "[Container]\nVolume=\n");
        files.Add("web.container.d/a.conf", "[Container]\nVolume=/var/run/docker.sock:/s\n");
        Assert.DoesNotContain("CBG2207", files.Audit("web.container").Findings.Select(f => f.Code));
        files.Add("web.container.d/z.conf", "[Unit]\nDescription=web\n");
        Assert.Contains("CBG2207", files.Audit("web.container").Findings.Select(f => f.Code));
    }

    [TestMethod]
    public void Drop_ins_of_others_and_links_are_left_alone()
    {
        using var files = new Manifests();
        files.Add("web.container", "[Container]\nImage=registry.example.com/web:1\n");
        var elsewhere = files.Add("db.container.d/a.conf", "[Container]\nPodmanArgs=--privileged\n");
        files.Add("web.container.d/readme.txt", "[Container]\nPodmanArgs=--privileged\n");
        File.CreateSymbolicLink(Path.Combine(files.Folder, "web.container.d", "b.conf"), elsewhere);
        Assert.DoesNotContain("CBG2201", files.Audit("web.container").Findings.Select(f => f.Code));
    }
}
