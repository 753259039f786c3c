using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.HardenedConfiguration;

[TestClass]
public sealed class HardenedImageTests
{
    private const string Sdk = ".NET SDK Container Tooling, version 10";
    private const string Passwd = "root:x:0:0:root:/root:/bin/sh\napp:x:1654:1654::/home/app:/bin/sh\n";

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task A_clean_image_has_no_finding_but_notes_on_its_base()
    {
        var findings = await CheckAsync(Clean());
        Assert.IsEmpty(findings.Where(f => f.Severity > Severity.Info), string.Join('\n', findings.Select(f => f.Message)));
        Assert.IsEmpty(findings.Where(f => f.Code is not ("CBG2010" or "CBG2055")), string.Join('\n', findings.Select(f => f.Message)));
    }

    public static IEnumerable<object[]> Cases => ImageRuleCases.All.Select((c, i) => new object[] { c.Code, i });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public async Task A_rule_finds_what_is_bad_and_not_what_is_near_it(string code, int index)
    {
        var (bad, good) = (Clean(), Clean());
        ImageRuleCases.All[index].Bad(bad);
        ImageRuleCases.All[index].Good(good);
        Assert.Contains(code, (await CheckAsync(bad)).Select(f => f.Code));
        Assert.DoesNotContain(code, (await CheckAsync(good)).Select(f => f.Code));
    }

    [TestMethod]
    public void Every_rule_of_a_table_has_a_case_that_it_finds_and_one_that_it_does_not()
    {
        var missing = HardenedImageControl.Rules.OfType<ImageRule>().Select(r => r.Rule.Code).Except(ImageRuleCases.All.Select(c => c.Code)).Except(["CBG2063"]);
        Assert.AreEqual("", string.Join(", ", missing));
        Assert.IsGreaterThanOrEqualTo(45, HardenedImageControl.Rules.Count);
    }

    [TestMethod]
    [DataRow(501, true)]
    [DataRow(499, false)]
    public void A_very_large_layer_is_noted(int megabytes, bool found) => Assert.AreEqual(found, Images.FileRules.IsLarge((long)megabytes << 20));

    [TestMethod]
    public async Task What_came_with_the_base_image_says_so_and_does_not_refuse()
    {
        var image = new ImageBuilder().User("1654").Layer(l => l.File("etc/passwd", Passwd).File("etc/shadow", "guest::1:0:99999:7:::\n", 0b110_000_000)).Layer(l => l.File("app/app.dll", "x"), Sdk);
        var finding = (await CheckAsync(image)).Single(f => f.Code == "CBG2018");
        Assert.AreEqual((Severity.Medium, Origin.Base), (finding.Severity, finding.Location.Origin));
        Assert.Contains("base image", finding.Message);
    }

    [TestMethod]
    public async Task Facts_of_files_outlive_a_cache()
    {
        var image = Clean();
        image.Layer(l => l.File("etc/shadow", "a::1\nb:$6$x:1\n").File("etc/group", "x:x:5:\n"), Sdk);
        var control = new HardenedImageControl();
        var inspection = await ImageInspector.InspectAsync(image.Build(), [.. control.CreateObservers()], InspectionLimits.Default, TestContext.CancellationToken);
        foreach (var visitor in inspection.Visitors<FileFacts.Visitor>())
        {
            using var stream = new MemoryStream();
            using (var writer = new FactWriter(stream))
            {
                visitor.Save(writer);
            }

            stream.Position = 0;
            var again = new FileFacts.Visitor(Origin.App);
            using var reader = new FactReader(stream, [.. inspection.Files.Visible.Where(e => visitor.Facts.Count > 0 && e.LayerIndex == visitor.Facts[0].Entry.LayerIndex).OrderBy(e => e.Ordinal)]);
            again.Load(reader);
            CollectionAssert.AreEqual(visitor.Facts, again.Facts);
        }
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("0")]
    [DataRow("root")]
    [DataRow("0:1654")]
    public Task Root_is_found(string user) => FindsAsync("CBG2001", i => i.User(user));

    [TestMethod]
    public Task Root_by_another_name_is_found() => FindsAsync("CBG2001", i => i.User("toor").Layer(l => l.File("etc/passwd", Passwd + "toor:x:0:0::/:/bin/sh\n"), Sdk));

    [TestMethod]
    public Task A_user_by_name_is_found() => FindsAsync("CBG2002", i => i.User("app"));

    [TestMethod]
    public Task An_unknown_user_is_found() => FindsAsync("CBG2003", i => i.User("nobody-here"));

    [TestMethod]
    public Task A_privileged_port_is_found() => FindsAsync("CBG2004", i => i.Ports("80/tcp"));

    [TestMethod]
    public Task Port_22_is_found() => FindsAsync("CBG2005", i => i.Ports("22/tcp"));

    [TestMethod]
    public Task An_ssh_server_is_found() => FindsAsync("CBG2005", i => i.Layer(l => l.File("usr/sbin/sshd", "x"), Sdk));

    [TestMethod]
    public Task A_setuid_file_of_the_app_is_found() => FindsAsync("CBG2006", i => i.Layer(l => l.File("app/tool", "x", 0b100_111_101_101), Sdk));

    [TestMethod]
    public Task A_world_writable_file_is_found() => FindsAsync("CBG2007", i => i.Layer(l => l.File("app/data", "x", 0b110_110_110), Sdk));

    [TestMethod]
    [DataRow("DB_PASSWORD=abc")]
    [DataRow("ConnectionStrings__Main=x")]
    [DataRow("API_KEY=1")]
    public Task A_variable_named_like_a_secret_is_found(string variable) => FindsAsync("CBG2008", i => i.Env(variable));

    [TestMethod]
    [DataRow("DB_PASSWORD_FILE=/run/secrets/db")]
    [DataRow("DB_PASSWORD=")]
    [DataRow("PATH=/bin")]
    public async Task A_harmless_variable_is_not(string variable)
    {
        var image = Clean();
        image.Env(variable);
        Assert.IsEmpty((await CheckAsync(image)).Where(f => f.Code == "CBG2008"));
    }

    [TestMethod]
    public Task The_development_environment_is_found() => FindsAsync("CBG2009", i => i.Env("ASPNETCORE_ENVIRONMENT=Development"));

    [TestMethod]
    public async Task A_base_by_latest_is_medium()
    {
        var image = Clean();
        image.Label("org.opencontainers.image.base.name", "example.com/base:latest");
        Assert.AreEqual(Severity.Medium, (await CheckAsync(image)).Single(f => f.Code == "CBG2010").Severity);
    }

    [TestMethod]
    public async Task Missing_source_labels_are_found()
    {
        var findings = await CheckAsync(new ImageBuilder().User("1654").Layer(l => l.File("etc/passwd", Passwd)));
        Assert.Contains("CBG2011", findings.Select(f => f.Code));
    }

    [TestMethod]
    [DataRow("app/appsettings.Development.json")]
    [DataRow("app/Properties/launchSettings.json")]
    [DataRow("app/.git/config")]
    [DataRow("app/Program.cs")]
    public Task Leftovers_are_found(string path) => FindsAsync("CBG2012", i => i.Layer(l => l.File(path, "{}"), Sdk));

    [TestMethod]
    public Task The_engine_socket_is_found() => FindsAsync("CBG2013", i => i.Env("DOCKER_HOST=unix:///var/run/docker.sock"));

    [TestMethod]
    public Task A_shell_entrypoint_is_found() => FindsAsync("CBG2014", i => i.Entrypoint("/bin/sh", "-c", "dotnet app.dll"));

    [TestMethod]
    public Task A_file_capability_is_found() => FindsAsync("CBG2015", i => i.Layer(l => l.Raw(
        new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, "app/tool", new Dictionary<string, string> { ["SCHILY.xattr.security.capability"] = "x" })), Sdk));

    [TestMethod]
    [DataRow("cache", "cache:6379", true)]
    [DataRow("http", "http://+:8080", true)]
    [DataRow("http", "http", false)]
    [DataRow("cache:6379", "cache:6379", false)]
    [DataRow("cache", "cache-2:6379", false)]
    [DataRow("a", "a:b:c", true)]
    [DataRow("a:b", "a:b:c", false)]
    public async Task A_value_that_the_build_cut_is_known_by_what_the_project_said(string value, string said, bool cut)
    {
        var image = Clean();
        image.Env($"Redis={value}").Label("redis", value);
        var stated = System.Collections.Immutable.ImmutableDictionary<string, string>.Empty;
        var findings = (await CheckAsync(image, new StatedValues { Variables = stated.Add("Redis", said), Labels = stated.Add("redis", said) })).Where(f => f.Code == "CBG2040").ToList();
        Assert.HasCount(cut ? 2 : 0, findings);
        Assert.IsFalse(findings.Any(f => f.Message.Contains(said, StringComparison.Ordinal)), "A variable may be a credential.");
    }

    private static ImageBuilder Clean() => new ImageBuilder()
        .User("1654").Ports("8080/tcp").Set("WorkingDir", "/app/")
        .Label("org.opencontainers.image.version", "1.0").Label("org.opencontainers.image.licenses", "MIT").Label("org.opencontainers.image.base.digest", "sha256:" + new string('a', 64)).Entrypoint("dotnet", "/app/app.dll")
        .Label("org.opencontainers.image.source", "https://example.com/repo").Label("org.opencontainers.image.revision", "abc")
        .Label("org.opencontainers.image.base.name", "example.com/base:10.0@sha256:" + new string('a', 64))
        .Layer(l => l.File("etc/passwd", Passwd).File("usr/bin/su", "x", 0b100_111_101_101))
        .Layer(l => l.File("app/app.dll", "x").File("app/appsettings.json", "{}"), Sdk);

    private async Task FindsAsync(string code, Action<ImageBuilder> change)
    {
        var image = Clean();
        change(image);
        Assert.Contains(code, (await CheckAsync(image)).Select(f => f.Code));
    }

    private async Task<IReadOnlyList<Finding>> CheckAsync(ImageBuilder builder, StatedValues? stated = null)
    {
        var control = new HardenedImageControl(stated);
        var inspection = await ImageInspector.InspectAsync(builder.Build(), [.. control.CreateObservers()], InspectionLimits.Default, TestContext.CancellationToken);
        return (await control.JudgeAsync(inspection, TestContext.CancellationToken)).Findings;
    }
}
