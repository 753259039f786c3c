using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>
/// For each check that docker-bench-security 1.6.0 makes of a host: its verdict, as its published logic gives it, beside ours, on good and bad set-ups. The program itself is not run.
/// Where they differ the set-up says so here, and docs/host-audit.md says why.
/// </summary>
[TestClass]
public sealed class DockerBenchAgreementTests
{
    /// <summary>Numbers that ask for what no host check asks: a note without logic, or a question that has no verdict. The docs name each.</summary>
    private static readonly string[] NotCompared = ["1.1.2", "1.2.1", "2.1", "7.4", "7.6", "7.8", "7.9"];

    /// <summary>Numbers whose verdict is seen one way only where both agree: the other way is a disagreement, or never comes.</summary>
    private static readonly string[] OneWay = ["1.1.8", "1.1.11", "1.2.2", "7.1"];

    private static readonly (string Number, string Code, DockerSetup Host)[] Agreed =
    [
        ("1.1.1", "CBG5012", new()), ("1.1.1", "CBG5012", new() { Data = "partition" }), ("1.2.2", "CBG5011", new()),
        .. Enumerable.Range(3, 16).SelectMany(Audit),
        .. Settings("2.2", "CBG5014", "{}", """{ "icc": false }"""), .. Flags("2.2", "CBG5014", "--icc=true", "--icc=false"),
        .. Settings("2.3", "CBG5015", "{}", """{ "log-level": "info" }""", """{ "log-level": "debug" }"""), .. Flags("2.3", "CBG5015", "--log-level=info"),
        .. Settings("2.4", "CBG5016", "{}", """{ "iptables": false }"""), .. Flags("2.4", "CBG5016", "--iptables=false", "--iptables=true"),
        .. Settings("2.5", "CBG5004", "{}", """{ "insecure-registries": [] }""", """{ "insecure-registries": ["registry.corp:5000"] }"""), .. Flags("2.5", "CBG5004", "--insecure-registry=registry.corp:5000"),
        ("2.6", "CBG5017", new()), ("2.6", "CBG5017", new() { StorageDriver = "aufs" }),
        .. Flags("2.7", "CBG5002", "-H=unix:///var/run/docker.sock", "-H=tcp://0.0.0.0:2376"), ("2.7", "CBG5002", new() { Flags = ["-H=tcp://0.0.0.0:2376", "--tlsverify"] }),
        .. Settings("2.7", "CBG5002", """{ "hosts": ["tcp://0.0.0.0:2376"] }""", """{ "hosts": ["tcp://0.0.0.0:2376"], "tls": true }""", """{ "hosts": ["tcp://0.0.0.0:2376"], "tlsverify": true }"""),
        .. Settings("2.8", "CBG5018", "{}", """{ "default-ulimits": { "nofile": { "Name": "nofile", "Soft": 1, "Hard": 2 } } }"""), .. Flags("2.8", "CBG5018", "--default-ulimit=nofile=1:2"),
        .. Settings("2.9", "CBG5008", "{}", """{ "userns-remap": "default" }"""), .. Flags("2.9", "CBG5008", "--userns-remap=default"),
        ("2.10", "CBG5019", new()), .. Flags("2.10", "CBG5019", "--cgroup-parent=/mine"),
        .. Settings("2.11", "CBG5021", "{}", """{ "storage-opts": ["dm.basesize=50G"] }"""), .. Flags("2.11", "CBG5021", "--storage-opt=dm.basesize=50G"),
        .. Settings("2.12", "CBG5020", "{}", """{ "authorization-plugins": [] }""", """{ "authorization-plugins": ["opa"] }"""),
        .. Settings("2.14", "CBG5028", "{}", """{ "no-new-privileges": true }""", """{ "no-new-privileges": false }"""), .. Flags("2.14", "CBG5028", "--no-new-privileges"),
        ("2.15", "CBG5024", new()), ("2.15", "CBG5024", new() { LiveRestore = true }), ("2.15", "CBG5024", new() { Swarm = "active" }),
        .. Settings("2.16", "CBG5025", "{}", """{ "userland-proxy": false }""", """{ "userland-proxy": true }"""), .. Flags("2.16", "CBG5025", "--userland-proxy=false"),
        ("2.17", "CBG5026", new()), ("2.17", "CBG5026", new() { Seccomp = "name=seccomp,profile=unconfined" }),
        ("2.18", "CBG5027", new()), ("2.18", "CBG5027", new() { Version = "18.09.9" }), ("2.18", "CBG5027", new() { Version = "18.09.9", Experimental = true }),
        .. Files("3.1", "3.2", "CBG5050", "/usr/lib/systemd/system/docker.service", "644", "600", "664", "646", "755"), .. Files("3.3", "3.4", "CBG5051", "/usr/lib/systemd/system/docker.socket", "644", "664", "666"),
        .. Files("3.5", "3.6", "CBG5052", "/etc/docker", "755", "700", "775", "777"), .. Files("3.7", "3.8", "CBG5053", "/etc/docker/certs.d/registry.corp/ca.crt", "444", "400", "666"),
        .. Files("3.9", "3.10", "CBG5054", "/tls/ca.pem", "444", "400", "666"), .. Files("3.11", "3.12", "CBG5055", "/tls/cert.pem", "444", "400", "666"), .. Files("3.13", "3.14", "CBG5056", "/tls/key.pem", "400", "440", "644"),
        .. Files("3.17", "3.18", "CBG5003", "/etc/docker/daemon.json", "644", "600", "664", "666"), .. Files("3.19", "3.22", "CBG5057", "/etc/default/docker", "644", "664"), .. Files("3.21", "3.20", "CBG5058", "/etc/sysconfig/docker", "644", "664"),
        .. Files("3.23", "3.24", "CBG5059", "/run/containerd/containerd.sock", "660", "600", "666", "777"),
        .. new[] { ("660", 0u, 106u), ("600", 0u, 106u), ("660", 0u, 7u), ("666", 0u, 106u) }.Select(f => (f.Item1 == "660" ? "3.15" : "3.16", "CBG5001", new DockerSetup { File = ("/var/run/docker.sock", f.Item1, f.Item2, f.Item3) })),
        ("5.1", "CBG5080", new()), ("5.1", "CBG5080", new() { Swarm = "active" }),
        ("7.1", "CBG5081", new() { Swarm = "active" }), ("7.1", "CBG5081", new() { Swarm = "active", Managers = 3 }), ("7.1", "CBG5081", new()),
        ("7.2", "CBG5082", new() { Swarm = "active" }), ("7.2", "CBG5082", new() { Swarm = "active", SwarmOnEveryInterface = true }),
        ("7.3", "CBG5083", new() { Swarm = "active" }), ("7.3", "CBG5083", new() { Swarm = "active", Encrypted = false }), ("7.3", "CBG5083", new() { Swarm = "active", Encrypted = false, Overlay = "ingress" }),
        ("7.5", "CBG5084", new() { Swarm = "active", AutoLock = true }), ("7.5", "CBG5084", new() { Swarm = "active" }),
        ("7.7", "CBG5085", new() { Swarm = "active", CertificateDays = 2 }), ("7.7", "CBG5085", new() { Swarm = "active", CertificateDays = 365 }),
    ];

    /// <summary>Set-ups that the two judge differently, on purpose.</summary>
    private static readonly (string Number, string Code, DockerSetup Host)[] Disagreed =
    [
        ("1.1.1", "CBG5012", new() { Data = "mount of itself" }),
        ("1.1.4", "CBG5013", new() { Audited = [.. DockerBench.Audits.Where(a => a != "/run/containerd")] }),
        ("1.1.6", "CBG5013", new() { Audited = [.. DockerBench.Audits.Where(a => a != "/etc/docker")] }),
        ("1.1.8", "CBG5013", new() { Installed = ["/run/containerd/containerd.sock"], Audited = [.. DockerBench.Audits.Where(a => a != "/run/containerd")] }),
        ("1.1.11", "CBG5013", new() { Audited = [.. DockerBench.Audits.Where(a => a != "/etc/docker/daemon.json")] }),
        ("1.1.14", "CBG5013", new() { Installed = ["/usr/bin/containerd"], Audited = [.. DockerBench.Audits.Where(a => a != "/usr/bin/containerd")] }),
        ("1.1.15", "CBG5013", new() { Installed = ["/usr/bin/containerd-shim"], Audited = [.. DockerBench.Audits.Where(a => a != "/usr/bin/containerd-shim")] }),
        ("1.2.2", "CBG5011", new() { Version = "20.10.24" }),
        .. Flags("2.3", "CBG5015", "--log-level=debug"),
        ("2.5", "CBG5004", new() { Json = """{ "insecure-registries": ["127.0.0.0/8"] }""" }),
        ("2.6", "CBG5017", new() { StorageDriver = "devicemapper" }),
        ("2.7", "CBG5002", new() { Flags = ["-H=tcp://0.0.0.0:2376", "--tlsverify=false"] }), ("2.7", "CBG5002", new() { Flags = ["-H=tcp://10.0.0.1:2376", "-H=tcp://10.0.0.2:2376"] }),
        .. Settings("2.9", "CBG5008", """{ "userns-remap": "" }"""), ("2.9", "CBG5008", new() { Rootless = true }),
        .. Settings("2.10", "CBG5019", """{ "cgroup-parent": "/mine" }"""), .. Flags("2.10", "CBG5019", "--cgroup-parent=/docker"),
        ("2.13", "CBG5022", new()), ("2.13", "CBG5022", new() { LoggingDriver = "none" }),
        .. Flags("2.14", "CBG5028", "--no-new-privileges=false"), .. Flags("2.15", "CBG5024", "--live-restore=false"),
        ("2.17", "CBG5026", new() { Seccomp = "name=seccomp,profile=/etc/docker/strict.json" }),
        ("2.18", "CBG5027", new() { Experimental = true }),
        File("3.2", "CBG5050", "/usr/lib/systemd/system/docker.service", "466"), File("3.4", "CBG5051", "/usr/lib/systemd/system/docker.socket", "066"), File("3.6", "CBG5052", "/etc/docker", "377"), File("3.18", "CBG5003", "/etc/docker/daemon.json", "266"),
        File("3.20", "CBG5058", "/etc/sysconfig/docker", "266"), File("3.22", "CBG5057", "/etc/default/docker", "266"), File("3.16", "CBG5001", "/var/run/docker.sock", "606", gid: 106), File("3.24", "CBG5059", "/run/containerd/containerd.sock", "606"),
        File("3.8", "CBG5053", "/etc/docker/certs.d/registry.corp/ca.crt", "644"), File("3.10", "CBG5054", "/tls/ca.pem", "644"), File("3.12", "CBG5055", "/tls/cert.pem", "644"), File("3.14", "CBG5056", "/tls/key.pem", "600"),
        File("3.8", "CBG5053", "/etc/docker/certs.d/registry.corp/ca.crt", "426"), File("3.8", "CBG5053", "/etc/docker/certs.d/registry.corp/client.key", "666"), File("3.7", "CBG5053", "/etc/docker/certs.d/registry.corp/ca.crt", "444", gid: 7),
        File("3.15", "CBG5001", "/var/run/docker.sock", "660"),
        ("3.18", "CBG5003", new() { Flags = ["--config-file=/srv/daemon.json"], File = ("/srv/daemon.json", "666", 0, 0) }),
        File("3.20", "CBG5057", "/etc/default/docker", "664"), File("3.22", "CBG5058", "/etc/sysconfig/docker", "664"),
        ("7.1", "CBG5081", new() { Swarm = "active", Managers = 2 }), ("7.1", "CBG5081", new() { Swarm = "active", IsWorker = true }),
        ("7.7", "CBG5085", new() { Swarm = "active" }),
    ];

    public static IEnumerable<object[]> AgreedCases => Agreed.Select((c, i) => new object[] { $"{c.Number} {c.Host}", i });

    public static IEnumerable<object[]> DisagreedCases => Disagreed.Select((c, i) => new object[] { $"{c.Number} {c.Host}", i });

    [TestMethod]
    [DynamicData(nameof(AgreedCases))]
    public Task Both_give_the_same_verdict(string shown, int index) => CompareAsync(Agreed[index], same: true, shown);

    [TestMethod]
    [DynamicData(nameof(DisagreedCases))]
    public Task Where_they_differ_the_docs_say_why(string shown, int index)
    {
        Assert.Contains(Disagreed[index].Number, Documented(), "It is not in the table of docs/host-audit.md.");
        return CompareAsync(Disagreed[index], same: false, shown);
    }

    [TestMethod]
    public void Every_verdict_is_seen_both_ways()
    {
        foreach (var check in Agreed.GroupBy(c => c.Number).Where(g => !OneWay.Contains(g.Key)))
        {
            Assert.AreEqual(2, check.Select(c => DockerBench.Warns(c.Number, c.Host)).Distinct().Count(), $"{check.Key} has no good or no bad set-up.");
        }
    }

    [TestMethod]
    public void Every_number_about_the_host_is_compared_or_named()
    {
        IEnumerable<string> numbers =
        [
            .. Enumerable.Range(1, 18).Select(n => $"1.1.{n}"), "1.2.1", "1.2.2", .. Enumerable.Range(1, 18).Select(n => $"2.{n}"), .. Enumerable.Range(1, 24).Select(n => $"3.{n}"), "5.1", .. Enumerable.Range(1, 9).Select(n => $"7.{n}"),
        ];
        Assert.AreEqual("", string.Join(", ", numbers.Except([.. Agreed.Select(c => c.Number), .. Disagreed.Select(c => c.Number), .. NotCompared])));
        Assert.AreEqual("", string.Join(", ", NotCompared.Except(Documented())));
    }

    /// <summary>The numbers in the docs' table.</summary>
    private static HashSet<string> Documented() =>
        [.. System.IO.File.ReadAllLines(Path.Combine(Repository.Root, "docs", "host-audit.md")).Where(l => l.StartsWith("| ", StringComparison.Ordinal)).SelectMany(l => l.Split('|')[1].Split(',', StringSplitOptions.TrimEntries))];

    private static async Task CompareAsync((string Number, string Code, DockerSetup Host) @case, bool same, string shown)
    {
        var ours = await @case.Host.ToHost().AskAsync(@case.Code);
        Assert.AreNotEqual(AuditOutcome.NotChecked, ours.Outcome, ours.Reason);
        var theirs = DockerBench.Warns(@case.Number, @case.Host);
        Assert.AreEqual(same, theirs == (ours.Outcome == AuditOutcome.Failed), $"{shown}: docker-bench {(theirs ? "warns" : "does not warn")}; {@case.Code}: {ours.Outcome}, {ours.Reason}");
    }

    /// <summary>One path of the audit rules: watched with all others, and the only one that is not, where no other rule has its name in it.</summary>
    private static IEnumerable<(string, string, DockerSetup)> Audit(int number)
    {
        var path = DockerBench.Audits[number - 3];
        string[] installed = path is "/etc/docker" or "/etc/docker/daemon.json" or "/var/lib/docker" or "/lib/systemd/system/containerd.socket" ? [] : [path];
        yield return ($"1.1.{number}", "CBG5013", new() { Installed = installed, Audited = DockerBench.Audits });
        if (path is not ("/etc/docker/daemon.json" or "/lib/systemd/system/containerd.socket"))
        {
            yield return ($"1.1.{number}", "CBG5013", new() { Installed = installed, Audited = [.. DockerBench.Audits.Where(a => !a.Contains(path, StringComparison.Ordinal))] });
        }
    }

    private static IEnumerable<(string, string, DockerSetup)> Settings(string number, string code, params string[] files) => files.Select(f => (number, code, new DockerSetup { Json = f }));

    private static IEnumerable<(string, string, DockerSetup)> Flags(string number, string code, params string[] flags) => flags.Select(f => (number, code, new DockerSetup { Flags = [f] }));

    /// <summary>The file of an owner check and a mode check: each mode as root's, and the first also as somebody else's.</summary>
    private static IEnumerable<(string, string, DockerSetup)> Files(string owner, string mode, string code, string path, params string[] modes) =>
        [.. modes.Select(m => File(mode, code, path, m)), File(owner, code, path, modes[0]), File(owner, code, path, modes[0], uid: 1000)];

    private static (string, string, DockerSetup) File(string number, string code, string path, string mode, uint uid = 0, uint gid = 0)
    {
        var setting = path switch { "/tls/ca.pem" => "tlscacert", "/tls/cert.pem" => "tlscert", "/tls/key.pem" => "tlskey", _ => null };
        return (number, code, new DockerSetup { File = (path, mode, uid, gid), Json = setting is null ? "{}" : $$"""{ "{{setting}}": "{{path}}" }""" });
    }
}
