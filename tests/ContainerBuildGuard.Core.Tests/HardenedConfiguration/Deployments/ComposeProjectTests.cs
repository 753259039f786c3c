namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

[TestClass]
public sealed class ComposeProjectTests
{
    [TestMethod]
    [DataRow("${A}", "1")]
    [DataRow("$A-x", "1-x")]
    [DataRow("${B:-d}", "d")]
    [DataRow("${EMPTY:-d}", "d")]
    [DataRow("${EMPTY-d}", "")]
    [DataRow("${B:-${A}2}", "12")]
    [DataRow("${A:+set}", "set")]
    [DataRow("${B:+set}", "")]
    [DataRow("${A:?needed}", "1")]
    [DataRow("$$A", "$A")]
    [DataRow("${B", "${B")]
    public void Variables_are_put_in(string text, string expected)
    {
        var node = new ScalarNode(new SourceText("", ""), default, text, plain: true);
        var variables = new Dictionary<string, string> { ["A"] = "1", ["EMPTY"] = "" };
        Assert.AreEqual(expected, ((ScalarNode)new ComposeInterpolation(variables).Apply(node)).Value);
    }

    [TestMethod]
    public void An_override_beside_the_file_counts()
    {
        using var files = new Manifests();
        files.Add("compose.yaml", "services: { web: { image: 'a:1', ports: ['127.0.0.1:1:1'], environment: { A: '1' } } }");
        files.Add("compose.override.yaml", "services: { web: { privileged: true, ports: ['2:2'], environment: ['B=2'] } }");
        var audit = files.Audit();
        Assert.AreEqual("compose.override.yaml", Path.GetFileName(audit.Findings.Single(f => f.Code == "CBG2201").Location.Path));
        Assert.AreEqual(1, audit.Subjects);
        Assert.HasCount(1, audit.Findings.Where(f => f.Code == "CBG2249"));
    }

    [TestMethod]
    public void Files_are_merged_in_the_order_they_are_named()
    {
        using var files = new Manifests();
        files.Add("a.yaml", "services: { web: { image: 'a:1', privileged: true, cap_add: [SYS_ADMIN], volumes: ['/etc:/data'] } }");
        files.Add("b.yaml", "services: { web: { privileged: !reset null, cap_add: !override [CHOWN], volumes: ['data:/data'] } }");
        var codes = DeploymentAudit.Run(files.Request("a.yaml", "b.yaml") with { MergeCompose = true }, CancellationToken.None).Findings.Select(f => f.Code).ToList();
        Assert.DoesNotContain("CBG2201", codes);
        Assert.DoesNotContain("CBG2211", codes);
        Assert.DoesNotContain("CBG2208", codes);
    }

    [TestMethod]
    public void A_service_has_what_it_extends()
    {
        using var files = new Manifests();
        files.Add("common/base.yaml", "services:\n  base:\n    image: a:1\n    privileged: true\n");
        files.Add("compose.yaml", "services:\n  web:\n    extends: { file: common/base.yaml, service: base }\n");
        var finding = files.Audit("compose.yaml").Findings.Single(f => f.Code == "CBG2201");
        Assert.EndsWith("common/base.yaml", finding.Location.Path!);
        Assert.AreEqual(4, finding.Location.Line);
    }

    [TestMethod]
    [DataRow("services: { web: { extends: web } }")]
    [DataRow("services: { a: { extends: b }, b: { extends: a } }")]
    [DataRow("services: { a: { extends: { file: absent.yaml, service: b } } }")]
    [DataRow("include: [compose.yaml]\nservices: { a: { image: 'a:1' } }")]
    [DataRow("include: ['https://example.com/compose.yaml']\nservices: { a: { image: 'a:1' } }")]
    [DataRow("include: [\"a\\0b\"]\nservices: { a: { image: 'a:1' } }")]
    [DataRow("services: { a: { image: 'a:1', env_file: \"a\\0b\" } }")]
    [DataRow("services: []")]
    [DataRow("services: { a: 1 }")]
    public void What_cannot_be_followed_is_said_and_does_not_hang(string text)
    {
        using var files = new Manifests();
        files.Add("compose.yaml", text);
        Assert.IsGreaterThan(0, files.Audit("compose.yaml").Unread);
    }

    [TestMethod]
    public void A_null_character_in_a_volume_does_not_end_the_audit()
    {
        using var files = new Manifests();
        files.Add("compose.yaml", "services: { a: { image: 'a:1', privileged: true, volumes: [\"../a\\0b:/c\"] } }");
        Assert.Contains("CBG2201", files.Audit("compose.yaml").Findings.Select(f => f.Code));
    }

    [TestMethod]
    public void Included_files_count()
    {
        using var files = new Manifests();
        files.Add("db/db.yml", "services: { db: { image: 'db:1', pid: host } }");
        files.Add("compose.yaml", "include: [db/db.yml]\nservices: { web: { image: 'a:1' } }");
        var audit = files.Audit("compose.yaml");
        Assert.AreEqual(2, audit.Subjects);
        Assert.Contains("CBG2203", audit.Findings.Select(f => f.Code));
    }

    [TestMethod]
    [DataRow("include: [db/db.yml]\nservices: { web: { image: 'a:1' } }")]
    [DataRow("services: { web: { image: 'a:1', extends: { file: db/db.yml, service: db } } }")]
    public void Relative_paths_of_included_and_extended_files_are_meant_from_their_own_folder(string text)
    {
        using var files = new Manifests();
        files.Add("db/db.yml", "services: { db: { image: 'db:1', env_file: db.env } }");
        files.Add("db/db.env", "DB_PASSWORD=abc123\n");
        files.Add("compose.yaml", text);
        var audit = files.Audit("compose.yaml");
        Assert.Contains("CBG2281", audit.Findings.Select(f => f.Code));
        Assert.DoesNotContain("CBG2200", audit.Findings.Select(f => f.Code));
    }

    [TestMethod]
    public void Credentials_in_a_file_of_variables_are_found_and_those_of_interpolation_are_not()
    {
        using var files = new Manifests();
        files.Add("web.env", "# remark\nexport DB_PASSWORD='abc 123'\nLEVEL=1\n");
        files.Add(".env", "API_TOKEN=abc123\n");
        files.Add("compose.yaml", "services: { web: { image: 'a:1', env_file: web.env, environment: { API_TOKEN: '${API_TOKEN}' } } }");
        var findings = files.Audit("compose.yaml").Findings;
        Assert.Contains("web.env, line 2", findings.Single(f => f.Code == "CBG2281").Message);
        Assert.DoesNotContain("CBG2275", findings.Select(f => f.Code));
    }

    [TestMethod]
    public void A_file_of_harmless_variables_is_no_finding()
    {
        using var files = new Manifests();
        files.Add("web.env", "LEVEL=1\n");
        files.Add("compose.yaml", "services: { web: { image: 'a:1', env_file: [web.env, { path: absent.env, required: false }] } }");
        var audit = files.Audit("compose.yaml");
        Assert.DoesNotContain("CBG2281", audit.Findings.Select(f => f.Code));
        Assert.AreEqual(0, audit.Unread);
    }

    [TestMethod]
    public void Profiles_choose_services()
    {
        using var files = new Manifests();
        files.Add("compose.yaml", "services: { web: { image: 'a:1' }, debug: { image: 'b:1', profiles: [debug] }, test: { image: 'c:1', profiles: [test] } }");
        Assert.AreEqual(3, files.Audit("compose.yaml").Subjects);
        Assert.AreEqual(2, DeploymentAudit.Run(files.Request("compose.yaml") with { Compose = new ComposeOptions { Profiles = ["debug"] } }, CancellationToken.None).Subjects);
    }

    [TestMethod]
    public void Version_1_files_have_services_at_the_top()
    {
        using var files = new Manifests();
        files.Add("docker-compose.yml", "web:\n  image: a:1\n  privileged: true\n");
        Assert.Contains("CBG2201", files.Audit("docker-compose.yml").Findings.Select(f => f.Code));
    }

    [TestMethod]
    [DataRow("services: { web: { extends: { file: ../other/base.yaml, service: base } } }")]
    [DataRow("include: [../other/base.yaml]\nservices: { web: { image: 'a:1' } }")]
    [DataRow("include: [{ path: inner.yaml, env_file: ../other/a.env }]\nservices: { web: { image: 'a:1' } }")]
    [DataRow("services: { web: { image: 'a:1', env_file: ../other/a.env } }")]
    [DataRow("services: { web: { image: 'a:1', env_file: /etc/hostname } }")]
    [DataRow("services: { web: { image: 'a:1', env_file: link.env } }")]
    [DataRow("services: { web: { image: 'a:1', env_file: linked/a.env } }")]
    public void What_lies_outside_the_folder_is_not_read_and_is_a_gap(string text)
    {
        using var files = new Manifests();
        files.Add("other/base.yaml", "services: { base: { image: 'a:1', privileged: true } }");
        var outside = files.Add("other/a.env", "DB_PASSWORD=abc123\n");
        files.Add("app/inner.yaml", "services: { inner: { image: 'a:1' } }");
        files.Add("app/compose.yaml", text);
        File.CreateSymbolicLink(Path.Combine(files.Folder, "app", "link.env"), outside);
        Directory.CreateSymbolicLink(Path.Combine(files.Folder, "app", "linked"), Path.GetDirectoryName(outside)!);
        var audit = files.Audit("app/compose.yaml");
        Assert.IsGreaterThan(0, audit.Unread);
        Assert.DoesNotContain("CBG2201", audit.Findings.Select(f => f.Code));
        Assert.DoesNotContain("CBG2281", audit.Findings.Select(f => f.Code));
        Assert.Contains("outside", audit.Findings.First(f => f.Code == "CBG2200").Message);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void What_lies_in_the_named_folder_or_the_same_repository_is_read(bool inRepository)
    {
        using var files = new Manifests();
        files.Add("other/a.env", "DB_PASSWORD=abc123\n");
        files.Add("app/compose.yaml", "services: { web: { image: 'a:1', env_file: ../other/a.env } }");
        if (inRepository)
        {
            files.Add(".git/HEAD", "ref: refs/heads/main\n");
        }

        var audit = inRepository ? files.Audit("app/compose.yaml") : files.Audit();
        Assert.AreEqual(0, audit.Unread);
        Assert.Contains("CBG2281", audit.Findings.Select(f => f.Code));
    }
}
