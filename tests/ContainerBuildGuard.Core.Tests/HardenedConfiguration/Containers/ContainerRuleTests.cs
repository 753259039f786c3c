using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Every rule against an engine's answer that it finds something in, and one near it.</summary>
[TestClass]
public sealed class ContainerRuleTests
{
    private static readonly EngineEndpoint Address = new(new Uri("unix:///test.sock"));

    /// <summary>Code, member of the inspect answer, bad value, good value; the values are JSON.</summary>
    private static readonly (string Code, string Member, string Bad, string Good)[] Cases =
    [
        ("CBG2401", "HostConfig.Privileged", "true", "false"),
        ("CBG2402", "Config.User", "\"0:0\"", "\"1654\""),
        ("CBG2403", "HostConfig.CapAdd", "[\"CAP_SYS_ADMIN\"]", "[\"CAP_CHOWN\"]"),
        ("CBG2403", "HostConfig.CapAdd", "[\"all\"]", "[\"net_bind_service\"]"),
        ("CBG2405", "HostConfig.CapDrop", "[\"CAP_NET_RAW\"]", "[\"CAP_ALL\"]"),
        ("CBG2404", "HostConfig.CapAdd", "[\"IPC_LOCK\"]", "[\"NET_RAW\"]"),
        ("CBG2405", "HostConfig.CapDrop", "null", "[\"ALL\"]"),
        ("CBG2406", "AppArmorProfile", "\"unconfined\"", "\"docker-default\""),
        ("CBG2407", "HostConfig.SecurityOpt", "[\"label=disable\"]", "[\"label=type:container_t\"]"),
        ("CBG2408", "HostConfig.SecurityOpt", "[\"seccomp:unconfined\"]", "[\"seccomp=profile.json\"]"),
        ("CBG2409", "HostConfig.SecurityOpt", "[\"no-new-privileges=false\"]", "[\"no-new-privileges\"]"),
        ("CBG2410", "HostConfig.NetworkMode", "\"host\"", "\"none\""),
        ("CBG2411", "HostConfig.PidMode", "\"host\"", "\"\""),
        ("CBG2412", "HostConfig.IpcMode", "\"host\"", "\"private\""),
        ("CBG2413", "HostConfig.UTSMode", "\"host\"", "\"\""),
        ("CBG2414", "HostConfig.UsernsMode", "\"host\"", "\"\""),
        ("CBG2415", "HostConfig.CgroupnsMode", "\"host\"", "\"private\""),
        ("CBG2416", "HostConfig.PidMode", "\"container:abc\"", "\"\""),
        ("CBG2417", "HostConfig.Binds", "[\"/var/run:/host/run:ro\"]", "[\"/srv/run:/host/run\"]"),
        ("CBG2418", "Mounts", "[{\"Type\":\"bind\",\"Source\":\"/etc/ssh\",\"RW\":true}]", "[{\"Type\":\"bind\",\"Source\":\"/etc/localtime\",\"RW\":false}]"),
        ("CBG2419", "Mounts", "[{\"Type\":\"bind\",\"Source\":\"/data\",\"Propagation\":\"rshared\"}]", "[{\"Type\":\"bind\",\"Source\":\"/data\",\"Propagation\":\"rprivate\"}]"),
        ("CBG2420", "HostConfig.Memory", "0", "536870912"),
        ("CBG2421", "HostConfig.NanoCpus", "0", "1000000000"),
        ("CBG2422", "HostConfig.PidsLimit", "null", "512"),
        ("CBG2423", "HostConfig.ReadonlyRootfs", "false", "true"),
        ("CBG2424", "HostConfig.PortBindings", "{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"81\"}]}", "{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"8080\"}]}"),
        ("CBG2425", "HostConfig.PortBindings", "{\"80/tcp\":[{\"HostIp\":\"::\",\"HostPort\":\"8080\"}]}", "{\"80/tcp\":[{\"HostIp\":\"::1\",\"HostPort\":\"8080\"}]}"),
        ("CBG2426", "Config.ExposedPorts", "{\"22/tcp\":{}}", "{\"8080/tcp\":{}}"),
        ("CBG2428", "HostConfig.Devices", "[{\"PathOnHost\":\"/dev/fuse\"}]", "[]"),
        ("CBG2429", "HostConfig.RestartPolicy", "{\"Name\":\"always\"}", "{\"Name\":\"on-failure\",\"MaximumRetryCount\":5}"),
        ("CBG2430", "HostConfig.Ulimits", "[{\"Name\":\"memlock\",\"Hard\":-1}]", "[{\"Name\":\"nofile\",\"Hard\":1024}]"),
        ("CBG2431", "HostConfig.CgroupParent", "\"system.slice\"", "\"\""),
        ("CBG2432", "Config.Healthcheck", "{\"Test\":[\"NONE\"]}", "{\"Test\":[\"CMD\",\"x\"]}"),
        ("CBG2433", "Image", "\"sha256:other\"", "\"sha256:named\""),
        ("CBG2434", "Config.Image", "\"nginx\"", "\"localhost:5000/nginx:1\""),
        ("CBG2435", "Config.Env", "[\"DB_PASSWORD=abc123\"]", "[\"DB_PASSWORD_FILE=/run/secrets/db\"]"),
        ("CBG2436", "HostConfig.NetworkMode", "\"bridge\"", "\"shop\""),
        ("CBG2437", "HostConfig.OomKillDisable", "true", "false"),
        ("CBG2440", "HostConfig.SecurityOpt", "[\"systempaths=unconfined\"]", "[\"no-new-privileges\"]"),
        ("CBG2441", "HostConfig.Sysctls", "{\"net.ipv4.ip_forward\":\"1\"}", "{\"net.ipv4.tcp_syncookies\":\"1\"}"),
        ("CBG2443", "Config.Cmd", "[\"--password\",\"abc123\"]", "[\"--password-file\",\"/run/secrets/x\"]"),
        ("CBG2444", "HostConfig.LogConfig", "{\"Type\":\"none\"}", "{\"Type\":\"local\"}"),
        ("CBG2445", "HostConfig.Binds", "[\"/home/me/.kube:/kube:ro\"]", "[\"/home/me/shop:/shop\"]"),
        ("CBG2446", "HostConfig.PortBindings", "{\"5432/tcp\":[{\"HostIp\":\"\",\"HostPort\":\"5432\"}]}", "{\"5432/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"5432\"}]}"),
    ];

    private static readonly (string Code, Func<RunningContainer, RunningContainer> Bad, Func<RunningContainer, RunningContainer> Good, Func<RunningContainer, RunningContainer> Unasked)[] Asked =
    [
        ("CBG2427", c => c with { Processes = ["root 1 0 /usr/sbin/sshd -D"] }, c => c with { Processes = ["app 1 0 dotnet sshdemo.dll"] }, c => c with { Processes = null }),
        ("CBG2438", c => c with { Changes = [("/usr/bin/evil", 1)] }, c => c with { Changes = [("/tmp/x", 1), ("/usr/bin/old", 2)] }, c => c with { Changes = null }),
        ("CBG2439", c => c with { Changes = [("/var/lib/dpkg/status", 0)] }, c => c with { Changes = [("/var/log/x", 0)] }, c => c with { Changes = null }),
        ("CBG2433", c => c with { NamedImageId = "sha256:new" }, c => c with { NamedImageId = "sha256:named" }, c => c with { NamedImageId = null }),
        ("CBG2447", c => c with { Trust = new(ImageTrustAnswer.Untrusted, "it has no signature") }, c => c with { Trust = new(ImageTrustAnswer.Trusted, "") }, c => c with { Trust = new(ImageTrustAnswer.Unknown, "") }),
    ];

    public static IEnumerable<object[]> Members => Cases.Select(c => new object[] { c.Code, c.Member, c.Bad, c.Good });

    public static IEnumerable<object[]> Answers => Asked.Select((a, i) => new object[] { a.Code, i });

    [TestMethod]
    [DynamicData(nameof(Members))]
    public void A_rule_finds_what_is_bad_and_not_what_is_near_it(string code, string member, string bad, string good)
    {
        Assert.Contains(code, Judge(Container(member, bad)).Findings.Select(f => f.Code));
        Assert.DoesNotContain(code, Judge(Container(member, good)).Findings.Select(f => f.Code));
    }

    [TestMethod]
    [DynamicData(nameof(Answers))]
    public void What_could_not_be_asked_is_not_passed(string code, int index)
    {
        var (_, bad, good, unasked) = Asked[index];
        AuditOutcome Outcome(RunningContainer c) => Judge(c).Checks.Single(k => k.Rule.Code == code).Outcome;
        Assert.AreEqual(AuditOutcome.Failed, Outcome(bad(Container())));
        Assert.AreEqual(AuditOutcome.Passed, Outcome(good(Container())));
        Assert.AreEqual(AuditOutcome.NotChecked, Outcome(unasked(Container())));
    }

    [TestMethod]
    [DataRow("""{"Running":true,"ProcessConfig":{"privileged":true}}""", true)]
    [DataRow("""{"Running":true,"ProcessConfig":{"privileged":false,"user":"root"}}""", true)]
    [DataRow("""{"Running":true,"ProcessConfig":{"privileged":false,"user":"1654"}}""", false)]
    [DataRow("""{"Running":false,"ProcessConfig":{"privileged":true}}""", false)]
    public void Commands_started_with_more_rights_are_found(string execution, bool found) =>
        Assert.AreEqual(found, Judge(Container() with { Executions = [JsonDocument.Parse(execution).RootElement] }).Findings.Any(f => f.Code == "CBG2442"));

    [TestMethod]
    public void Signatures_are_not_applicable_where_the_policy_trusts_nobody_in_particular()
    {
        var check = Judge(Container()).Checks.Single(c => c.Rule.Code == "CBG2447");
        Assert.AreEqual((AuditOutcome.NotApplicable, "The policy has no trust rules."), (check.Outcome, check.Reason));
    }

    [TestMethod]
    public void An_image_that_no_trust_rule_covers_warns_and_does_not_refuse()
    {
        var judged = Judge(Container() with { Trust = new(ImageTrustAnswer.NoRule, "") });
        Assert.AreEqual(Severity.Medium, judged.Findings.Single(f => f.Code == "CBG2447").Severity);
        Assert.AreEqual(Verdict.Passed, judged.Verdict);
        Assert.AreEqual(Verdict.Refused, Judge(Container() with { Trust = new(ImageTrustAnswer.Untrusted, "it has no signature") }).Verdict);
    }

    [TestMethod]
    public void Every_rule_has_a_case() => Assert.AreEqual("", string.Join(", ",
        ContainerAudit.Rules.Select(r => r.Rule.Code).Except(Cases.Select(c => c.Code)).Except(Asked.Select(a => a.Code)).Except(["CBG2442"])));

    [TestMethod]
    public void There_are_at_least_thirty_rules() => Assert.IsGreaterThanOrEqualTo(30, ContainerAudit.Rules.Count);

    [TestMethod]
    public void A_hardened_container_has_no_finding() => Assert.IsEmpty(Judge(Container()).Findings, string.Join('\n', Judge(Container()).Findings.Select(f => f.Message)));

    [TestMethod]
    public void A_container_that_was_gone_is_counted_as_not_asked()
    {
        var result = ContainerAudit.Judge(Address, [], 1, Policy.Default, TimeProvider.System);
        Assert.IsTrue(result.Checks.All(c => c.Outcome == AuditOutcome.NotChecked));
        Assert.Contains("1 were gone", result.Asked!);
    }

    [TestMethod]
    [DataRow(404)]
    [DataRow(500)]
    public async Task A_container_that_is_gone_between_list_and_inspect_costs_the_others_nothing(int status)
    {
        await using var engine = await FakeEngine.StartAsync();
        engine.Create("first", """{"Privileged":true}""");
        engine.Create("passing");
        engine.Create("last", """{"Privileged":true}""");
        engine.AfterList = () => engine.Lose("passing", status);
        var result = await ContainerAudit.RunAsync(new EngineEndpoint(engine.Address), Policy.Default, null, TimeProvider.System, CancellationToken.None);
        CollectionAssert.AreEquivalent(new[] { "first", "last" }, result.Findings.Where(f => f.Code == "CBG2401").Select(f => f.Location.Path).ToArray());
        Assert.Contains("asked of 2 containers; 1 were gone", result.Asked!);
    }

    [TestMethod]
    public void No_container_is_not_a_clean_one() =>
        Assert.IsTrue(ContainerAudit.Judge(Address, [], 0, Policy.Default, TimeProvider.System).Checks.All(c => c.Outcome == AuditOutcome.NotApplicable));

    [TestMethod]
    [DataRow("{}")]
    [DataRow("""{"HostConfig":[],"Config":1,"Mounts":{},"State":null}""")]
    [DataRow("""{"HostConfig":{"PortBindings":{"x":1},"Devices":[1],"CapAdd":{},"Ulimits":[null]},"Config":{"Env":[1,"="],"Labels":{"a":1}}}""")]
    public void A_strange_answer_is_no_crash(string answer) => Judge(new RunningContainer(JsonDocument.Parse(answer).RootElement, default));

    private static GuardResult Judge(RunningContainer container) => ContainerAudit.Judge(Address, [container], 0, Policy.Default, TimeProvider.System);

    private static RunningContainer Container(string? member = null, string value = "null")
    {
        var inspect = JsonNode.Parse("""
            {
              "Id": "abc", "Name": "/web", "Image": "sha256:named", "AppArmorProfile": "docker-default", "ProcessLabel": "",
              "State": { "Running": true },
              "Config": { "User": "1654", "Image": "example.com/web:1", "Env": ["PATH=/bin"], "Healthcheck": { "Test": ["CMD", "x"] } },
              "HostConfig": {
                "NetworkMode": "shop", "CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges"], "Memory": 1, "NanoCpus": 1, "PidsLimit": 10, "ReadonlyRootfs": true,
                "RestartPolicy": { "Name": "no" }, "LogConfig": { "Type": "local" }, "CgroupnsMode": "private", "IpcMode": "private", "MaskedPaths": ["/proc/kcore"]
              },
              "Mounts": []
            }
            """)!;
        if (member is not null)
        {
            var path = member.Split('.');
            var parent = path.Length == 1 ? inspect : inspect[path[0]]!;
            parent[path[^1]] = JsonNode.Parse(value);
        }

        return new RunningContainer(JsonDocument.Parse(inspect.ToJsonString()).RootElement, JsonDocument.Parse("""{"SecurityOptions":["name=apparmor","name=seccomp"],"CgroupVersion":"2"}""").RootElement)
        {
            Processes = ["app 1 0 dotnet web.dll"],
            Changes = [],
            NamedImageId = "sha256:named",
        };
    }
}
