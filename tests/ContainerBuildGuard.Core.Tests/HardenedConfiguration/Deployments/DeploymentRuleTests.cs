namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

[TestClass]
public sealed class DeploymentRuleTests
{
    public static IEnumerable<object[]> Cases => RuleCases.All.Select(c => new object[] { c.Code, c.File, c.Bad, c.Good });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_rule_finds_what_is_bad_and_not_what_is_near_it(string code, string file, string bad, string good)
    {
        var found = Manifests.Of(file, bad);
        Assert.Contains(code, found.Select(f => f.Code), $"in\n{bad}\nwere found: {string.Join(", ", found.Select(f => $"{f.Code} {f.Message}"))}");
        Assert.DoesNotContain("CBG2200", found.Where(f => f.Severity > Findings.Severity.Info).Select(f => f.Code));
        var spared = Manifests.Of(file, good);
        Assert.DoesNotContain(code, spared.Select(f => f.Code), good);
        Assert.DoesNotContain("CBG2200", spared.Where(f => f.Severity > Findings.Severity.Info).Select(f => f.Code));
    }

    [TestMethod]
    public void Every_rule_has_a_case_that_it_finds_and_one_that_it_does_not()
    {
        // CBG2281 needs a second file: ComposeProjectTests has its cases.
        var missing = DeploymentRules.All.Select(r => r.Rule.Code).Except(RuleCases.All.Select(c => c.Code)).Except(["CBG2281"]);
        Assert.AreEqual("", string.Join(", ", missing));
    }

    [TestMethod]
    public void There_are_at_least_sixty_rules() => Assert.IsGreaterThanOrEqualTo(60, DeploymentRules.All.DistinctBy(r => r.Rule.Code).Count());

    [TestMethod]
    public void A_hardened_service_has_no_finding()
    {
        var findings = Manifests.Of("compose.yaml", """
            services:
              web:
                image: example.com/web:1@sha256:abc
                user: "1654"
                read_only: true
                tmpfs: [/tmp]
                cap_drop: [ALL]
                security_opt: ["no-new-privileges:true"]
                mem_limit: 512m
                cpus: "1"
                pids_limit: 256
                healthcheck: { test: [CMD, /app/health] }
                ports: ["127.0.0.1:8080:8080"]
            """);
        Assert.IsEmpty(findings, string.Join('\n', findings.Select(f => f.Message)));
    }

    [TestMethod]
    public void A_finding_names_file_line_column_path_and_patch()
    {
        using var manifests = new Manifests();
        var file = manifests.Add("compose.yaml", "services:\n  web.site:\n    image: a:1\n    privileged: true # why?\n");
        var finding = manifests.Audit("compose.yaml").Findings.Single(f => f.Code == "CBG2201");
        Assert.AreEqual((file, 4, 17, "$.services['web.site'].privileged"), (finding.Location.Path, finding.Location.Line, finding.Location.Column, finding.Location.JsonPath));
        Assert.AreEqual($"--- {file}\n+++ {file}\n@@ -4,1 +4,1 @@\n-    privileged: true # why?\n+    privileged: false # why?\n", finding.Patch);
    }

    [TestMethod]
    public void Every_rule_says_of_how_many_it_was_asked()
    {
        using var manifests = new Manifests();
        manifests.Add("compose.yaml", "services: { a: { image: 'a:1' }, b: { image: 'b:1' } }");
        var checks = manifests.Audit().Checks;
        Assert.HasCount(DeploymentRules.All.DistinctBy(r => r.Rule.Code).Count() + 1, checks);
        Assert.StartsWith("Asked of 2 ", checks.Single(c => c.Rule.Code == "CBG2201").Reason);
        Assert.AreEqual(AuditOutcome.NotApplicable, checks.Single(c => c.Rule.Code == "CBG2268").Outcome);
    }

    [TestMethod]
    public void A_credential_is_not_repeated()
    {
        var secret = "hunter" + "22";
        var findings = Manifests.Of("compose.yaml", $"services:\n  web:\n    image: a:1\n    command: ['x', '--password={secret}']\n    environment:\n      DB_PASSWORD: {secret}\n      URL: amqp://app:{secret}@mq\n");
        CollectionAssert.IsSubsetOf(new[] { "CBG2275", "CBG2278", "CBG2279" }, findings.Select(f => f.Code).ToList());
        Assert.IsEmpty(findings.Where(f => (f.Message + f.Remedy + f.Patch).Contains(secret, StringComparison.Ordinal)));
    }
}
