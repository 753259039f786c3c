using ContainerBuildGuard.Core.Tests.HostSecurity.Cases;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>What the parsers make of files that are not simple: drop-ins, includes, aliases, damage.</summary>
[TestClass]
public sealed class CollectorTests
{
    [TestMethod]
    public async Task The_last_drop_in_decides_what_systemd_starts()
    {
        var host = new FakeHost()
            .File("/usr/lib/systemd/system/docker.service", "[Service]\nExecStart=/usr/bin/dockerd -H fd://\n")
            .File("/etc/systemd/system/docker.service.d/10-open.conf", "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// \\\n  -H tcp://10.0.0.5:2375\n");
        Assert.AreEqual("tcp://10.0.0.5:2375", (await host.AskAsync("CBG5002")).Findings.Single().Key);

        host.File("/etc/systemd/system/docker.service.d/20-closed.conf", "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd://\n");
        Assert.AreEqual(AuditOutcome.Passed, (await host.AskAsync("CBG5002")).Outcome);
    }

    [TestMethod]
    public async Task A_socket_unit_on_a_port_and_a_listening_port_are_found()
    {
        var unit = new FakeHost().File("/lib/systemd/system/docker.service", "ExecStart=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS\n").File("/lib/systemd/system/docker.socket", "ListenStream=/run/docker.sock\nListenStream=2375\n");
        Assert.AreEqual("tcp://0.0.0.0:2375", (await unit.AskAsync("CBG5002")).Findings.Single().Key);

        var port = DockerCases.Daemon("{}").File("/proc/net/tcp", DockerCases.Listening("00000000", 2375));
        Assert.AreEqual("tcp://0.0.0.0:2375", (await port.AskAsync("CBG5002")).Findings.Single().Key);
    }

    [TestMethod]
    public async Task A_broken_or_unreadable_daemon_json_is_never_a_pass()
    {
        foreach (var code in (string[])["CBG5002", "CBG5004", "CBG5008", "CBG5014", "CBG5026"])
        {
            Assert.AreEqual(AuditOutcome.NotChecked, (await DockerCases.Daemon("{ \"hosts\": \"tcp://x\" }").AskAsync(code)).Outcome, code);
            Assert.AreEqual(AuditOutcome.NotChecked, (await DockerCases.Daemon("{").AskAsync(code)).Outcome, code);
            Assert.AreEqual(AuditOutcome.NotChecked, (await DockerCases.Daemon("{}").Denied("/etc/docker/daemon.json").AskAsync(code)).Outcome, code);
            Assert.AreEqual(AuditOutcome.NotChecked, (await new FakeHost().HideProcesses().AskAsync(code)).Outcome, code);
        }
    }

    [TestMethod]
    public async Task Sshd_is_read_with_includes_in_place_the_first_value_and_match_blocks_apart()
    {
        var before = AccessCases.SshServer("Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes").File("/etc/ssh/sshd_config.d/00.conf", "PermitRootLogin no\n");
        Assert.AreEqual(AuditOutcome.Passed, (await before.AskAsync("CBG5007")).Outcome);

        var match = AccessCases.SshServer("PasswordAuthentication no\nMatch User ops\n  PasswordAuthentication yes");
        Assert.AreEqual("PasswordAuthentication User ops", (await match.AskAsync("CBG5200")).Findings.Single().Key);

        var loop = AccessCases.SshServer("PermitRootLogin no\nInclude /etc/ssh/sshd_config");
        Assert.AreEqual(AuditOutcome.NotChecked, (await loop.AskAsync("CBG5007")).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, (await AccessCases.SshServer("").Denied("/etc/ssh/sshd_config").AskAsync("CBG5007")).Outcome);
    }

    [TestMethod]
    public async Task The_running_daemon_wins_over_its_files()
    {
        const string Socket = "/var/run/docker.sock";
        var host = DockerCases.Daemon("{}").Process(0, "dockerd").Socket(Socket, 0x1B0, 0, 0)
            .Answer(Socket, "/info", """{ "ServerVersion": "29.0.0", "LiveRestoreEnabled": true, "SecurityOptions": ["name=userns", "name=seccomp,profile=unconfined"] }""");
        Assert.AreEqual(AuditOutcome.Passed, (await host.AskAsync("CBG5008")).Outcome);
        Assert.AreEqual(AuditOutcome.Passed, (await host.AskAsync("CBG5024")).Outcome);
        Assert.AreEqual(AuditOutcome.Failed, (await host.AskAsync("CBG5026")).Outcome);

        var silent = DockerCases.Daemon("{}").Process(0, "dockerd").Socket(Socket, 0x1B0, 0, 0);
        Assert.AreEqual(AuditOutcome.NotChecked, (await silent.AskAsync("CBG5024")).Outcome);
    }

    [TestMethod]
    [DataRow("""{ "live-restore": true }""", AuditOutcome.Passed)]
    [DataRow("{}", AuditOutcome.Failed)]
    public async Task A_rootless_daemon_is_held_against_the_file_of_its_own_user(string file, AuditOutcome expected)
    {
        const string Socket = "/run/user/1001/docker.sock";
        var host = new FakeHost().User(0).File("/etc/passwd", "ci:x:1001:1001::/srv/ci:/bin/sh\n").File("/etc/docker/daemon.json", """{ "debug": true }""").File("/srv/ci/.config/docker/daemon.json", file)
            .Process(1001, "dockerd").Socket(Socket, 0x1B0, 1001, 1001).Answer(Socket, "/info", """{ "ServerVersion": "29.0.0", "LiveRestoreEnabled": true, "SecurityOptions": ["name=rootless"] }""");
        var result = await host.AskAsync("CBG5043");
        Assert.AreEqual(expected, result.Outcome, result.Reason);
        if (expected == AuditOutcome.Failed)
        {
            Assert.AreEqual("/srv/ci/.config/docker/daemon.json", result.Findings.Single().Location.Path);
            Assert.Contains("systemctl --user", result.Findings.Single().Remedy);
        }
    }

    [TestMethod]
    [DataRow("-w /etc/docker -k docker", AuditOutcome.Passed)]
    [DataRow("-a always,exit -F dir=/etc -F perm=wa", AuditOutcome.Passed)]
    [DataRow("-a exit,never -F dir=/etc/docker", AuditOutcome.Failed)]
    [DataRow("# -w /etc/docker", AuditOutcome.Failed)]
    [DataRow("-w /etc/docker-old", AuditOutcome.Failed)]
    public async Task An_audit_rule_counts_for_what_it_logs(string rule, AuditOutcome expected) =>
        Assert.AreEqual(expected, (await new FakeHost().File("/etc/docker/daemon.json", "{}").File("/etc/audit/rules.d/docker.rules", rule + "\n").AskAsync("CBG5013")).Outcome);

    [TestMethod]
    [DataRow("2026-05-13", AuditOutcome.Failed)]
    [DataRow("2027-05-19", AuditOutcome.Passed)]
    [DataRow("soon", AuditOutcome.NotChecked)]
    public async Task A_distribution_that_the_table_does_not_know_is_believed_on_its_own_end_of_support(string end, AuditOutcome expected) =>
        Assert.AreEqual(expected, (await new FakeHost().File("/etc/os-release", $"ID=fedora\nVERSION_ID=99\nSUPPORT_END={end}\n").AskAsync("CBG5171")).Outcome);

    [TestMethod]
    public async Task Secrets_do_not_get_into_the_facts()
    {
        var secret = "s3cr" + "3t-value";
        var facts = HostFactsFile.Write(await DockerCases.Daemon($$"""{ "http-proxy": "http://me:{{secret}}@proxy", "log-opts": { "splunk-token": "{{secret}}" } }""")
            .File($"{FakeHost.Home}/.docker/config.json", $$"""{ "auths": { "r": { "auth": "{{secret}}" } } }""")
            .File("/agent/app/nuget.config", $"<configuration><packageSources><add key='a' value='https://me:{secret}@feed' /></packageSources><packageSourceCredentials><a><add key='ClearTextPassword' value='{secret}' /></a></packageSourceCredentials></configuration>")
            .File($"{FakeHost.Home}/.npmrc", $"_authToken={secret}").File("/etc/shadow", $"root:$6${secret}:1:0:99999:7:::\n").Variable("API_TOKEN", secret)
            .Process(0, "dockerd", "--log-opt", $"splunk-token={secret}").FactsAsync());
        Assert.DoesNotContain(secret, facts);
        Assert.Contains("API_TOKEN", facts);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{}")]
    [DataRow("{ \"schema\": 99 }")]
    [DataRow("[1]")]
    public void What_is_no_facts_is_refused(string text) =>
        Assert.AreEqual("CBG9009", Assert.ThrowsExactly<ContainerBuildGuard.Findings.GuardException>(() => HostFactsFile.Parse(text, "facts.json")).Code);

    [TestMethod]
    public async Task A_folder_that_cannot_be_listed_and_a_file_that_cannot_be_seen_are_not_checked()
    {
        Assert.AreEqual(AuditOutcome.NotChecked, (await new FakeHost().File("/etc/docker/certs.d/r/ca.crt").Denied("/etc/docker/certs.d").AskAsync("CBG5053")).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, (await new FakeHost().Variable("PATH", "/opt/tools").File("/opt/tools/dotnet", mode: 0x1ED).Denied("/opt/tools").AskAsync("CBG5246")).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, (await new FakeHost().Denied("/root/.rhosts").AskAsync("CBG5256")).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, (await new FakeHost().Denied("/etc/ld.so.preload").AskAsync("CBG5251")).Outcome);
    }

    [TestMethod]
    public async Task A_collector_that_throws_leaves_the_others_standing()
    {
        // A hostile umask is no octal number.
        var host = new FakeHost().File("/proc/self/status", "Umask:\t99\nUid:\t0\n").Sysctl("kernel.kptr_restrict", "2");
        Assert.AreEqual(AuditOutcome.NotChecked, (await host.AskAsync("CBG5324")).Outcome);
        Assert.AreEqual(AuditOutcome.Passed, (await host.AskAsync("CBG5005")).Outcome);
    }
}
