using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Docker;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

[TestClass]
public sealed class DockerChecksTests
{
    private const string Groups = "root:x:0:\ndocker:x:106:\nusers:x:100:\n";

    [TestMethod]
    public void A_socket_of_root_and_docker_with_0660_passes() =>
        Assert.AreEqual(AuditOutcome.Passed, Socket(0x1B0, 0, 106).Ask(new DockerSocketCheck()).Outcome);

    [TestMethod]
    [DataRow(0x1B6, 0u, 106u, "mode", Severity.Critical, DisplayName = "0666")]
    [DataRow(0x1B4, 0u, 106u, "mode", Severity.High, DisplayName = "0664")]
    [DataRow(0x1B0, 1000u, 106u, "owner", Severity.High, DisplayName = "owner")]
    [DataRow(0x1B0, 0u, 100u, "group", Severity.High, DisplayName = "group")]
    public void A_socket_open_to_others_fails(int mode, uint uid, uint gid, string key, Severity severity)
    {
        var result = Socket(mode, uid, gid).Ask(new DockerSocketCheck());
        Assert.AreEqual(AuditOutcome.Failed, result.Outcome);
        Assert.AreEqual((key, severity), (result.Findings[0].Key, result.Findings[0].Severity));
    }

    [TestMethod]
    public void A_rootless_socket_may_belong_to_its_user() => Assert.AreEqual(AuditOutcome.Passed, new FakeHost()
        .Variable("XDG_RUNTIME_DIR", "/run/user/1000").Folder("/run/user/1000", 0x1C0, 1000, 1000)
        .Socket("/run/user/1000/docker.sock", 0x1B0, 1000, 1000).Ask(new DockerSocketCheck()).Outcome);

    [TestMethod]
    public void No_socket_is_not_applicable_and_an_unreadable_one_not_checked()
    {
        Assert.AreEqual(AuditOutcome.NotApplicable, new FakeHost().Ask(new DockerSocketCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, new FakeHost().Denied("/var/run/docker.sock").Ask(new DockerSocketCheck()).Outcome);
    }

    [TestMethod]
    public void Tcp_on_the_running_daemons_command_line_is_found()
    {
        var result = new FakeHost().Process(0, "/usr/bin/dockerd", "-H", "fd://", "-H=tcp://0.0.0.0:2375").Ask(new DockerTcpCheck());
        Assert.AreEqual(AuditOutcome.Failed, result.Outcome);
        Assert.AreEqual(Severity.Critical, result.Findings.Single().Severity);
        Assert.Contains("tcp://0.0.0.0:2375", result.Findings[0].Message);
    }

    [TestMethod]
    public void Tcp_in_daemon_json_is_found_and_tls_without_verification_does_not_help()
    {
        var result = Daemon("""{ "hosts": ["unix:///var/run/docker.sock", "127.0.0.1:2376"], "tls": true }""").Ask(new DockerTcpCheck());
        Assert.AreEqual(Severity.High, result.Findings.Single().Severity);
        Assert.Contains("without verifying clients", result.Findings[0].Message);
    }

    [TestMethod]
    public void Verified_tls_passes_wherever_it_is_set() => Assert.AreEqual(AuditOutcome.Passed,
        Daemon("""{ "tlsverify": true }""").Process(0, "dockerd", "--host", "tcp://0.0.0.0:2376").Ask(new DockerTcpCheck()).Outcome);

    [TestMethod]
    public void The_last_drop_in_decides_what_systemd_starts()
    {
        var host = new FakeHost()
            .File("/usr/lib/systemd/system/docker.service", "[Service]\nExecStart=/usr/bin/dockerd -H fd://\n")
            .File("/etc/systemd/system/docker.service.d/10-open.conf", "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd:// \\\n  -H tcp://10.0.0.5:2375\n");
        Assert.AreEqual("tcp://10.0.0.5:2375", host.Ask(new DockerTcpCheck()).Findings.Single().Key);

        host.File("/etc/systemd/system/docker.service.d/20-closed.conf", "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -H fd://\n");
        Assert.AreEqual(AuditOutcome.Passed, host.Ask(new DockerTcpCheck()).Outcome);
    }

    [TestMethod]
    public void A_socket_unit_on_a_port_is_found() => Assert.AreEqual("tcp://0.0.0.0:2375", new FakeHost()
        .File("/lib/systemd/system/docker.service", "ExecStart=/usr/sbin/dockerd -H fd:// $DOCKER_OPTS\n")
        .File("/lib/systemd/system/docker.socket", "ListenStream=/run/docker.sock\nListenStream=2375\n").Ask(new DockerTcpCheck()).Findings.Single().Key);

    [TestMethod]
    public void A_broken_or_unreadable_daemon_json_is_never_a_pass()
    {
        Assert.AreEqual(AuditOutcome.NotChecked, Daemon("{ \"hosts\": \"tcp://x\" }").Ask(new DockerTcpCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, Daemon("{").Ask(new InsecureRegistriesCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, Daemon("{}").Denied("/etc/docker/daemon.json").Ask(new UserNamespaceCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, new FakeHost().HideProcesses().Ask(new DockerTcpCheck()).Outcome);
    }

    [TestMethod]
    [DataRow(0x1A4, 0u, AuditOutcome.Passed, DisplayName = "0644 root")]
    [DataRow(0xB6, 0u, AuditOutcome.Failed, DisplayName = "0266: smaller as a number, writable by all")]
    [DataRow(0x1A4, 1000u, AuditOutcome.Failed, DisplayName = "another owner")]
    public void Daemon_json_is_the_daemons_owners_alone(int mode, uint uid, AuditOutcome expected) => Assert.AreEqual(expected,
        new FakeHost().File("/etc/docker/daemon.json", "{}", mode, uid).Ask(new DaemonConfigurationCheck()).Outcome);

    [TestMethod]
    public void A_writable_folder_around_daemon_json_fails_and_no_file_is_not_applicable()
    {
        Assert.AreEqual("/etc/docker", new FakeHost().File("/etc/docker/daemon.json", "{}").Folder("/etc/docker", 0x1FF).Ask(new DaemonConfigurationCheck()).Findings.Single().Location.Path);
        Assert.AreEqual(AuditOutcome.NotApplicable, new FakeHost().Ask(new DaemonConfigurationCheck()).Outcome);
    }

    [TestMethod]
    public void Registries_beyond_this_machine_are_insecure()
    {
        var result = Daemon("""{ "insecure-registries": ["127.0.0.0/8", "localhost:5000", "[::1]:5000", "registry.corp:5000", "127.0.0.0/1"] }""").Ask(new InsecureRegistriesCheck());
        Assert.AreSequenceEqual(["registry.corp:5000", "127.0.0.0/1"], result.Findings.Select(f => f.Key));
        Assert.AreEqual("build:5000", new FakeHost().Variable("DOTNET_CONTAINER_INSECURE_REGISTRIES", "localhost:5000,build:5000").Ask(new InsecureRegistriesCheck()).Findings.Single().Key);
        Assert.AreEqual(AuditOutcome.Passed, Daemon("{}").Ask(new InsecureRegistriesCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotApplicable, new FakeHost().Ask(new InsecureRegistriesCheck()).Outcome);
    }

    [TestMethod]
    public void Members_of_the_docker_group_are_named_primary_group_included()
    {
        var host = new FakeHost().File("/etc/group", "docker:x:106:root,ci\n").File("/etc/passwd", "root:x:0:0::/root:/bin/sh\nci:x:1001:100::/:/bin/sh\nbuild:x:1002:106::/:/bin/sh\n");
        Assert.AreSequenceEqual(["ci", "build"], host.Ask(new DockerGroupCheck()).Findings.Select(f => f.Key));
        Assert.AreEqual(AuditOutcome.Passed, host.File("/etc/group", "docker:x:107:root\n").Ask(new DockerGroupCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotApplicable, host.File("/etc/group", "root:x:0:\n").Ask(new DockerGroupCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, host.Denied("/etc/group").Ask(new DockerGroupCheck()).Outcome);
    }

    [TestMethod]
    public void Root_daemons_need_userns_remap_and_rootless_ones_do_not()
    {
        Assert.AreEqual(AuditOutcome.Failed, new FakeHost().Process(0, "dockerd").Ask(new UserNamespaceCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.Passed, new FakeHost().Process(1000, "dockerd").Ask(new UserNamespaceCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.Passed, Daemon("""{ "userns-remap": "default" }""").Ask(new UserNamespaceCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotApplicable, new FakeHost().Ask(new UserNamespaceCheck()).Outcome);
    }

    private static FakeHost Socket(int mode, uint uid, uint gid) => new FakeHost().File("/etc/group", Groups).Socket("/var/run/docker.sock", mode, uid, gid);

    private static FakeHost Daemon(string json) => new FakeHost().File("/usr/bin/dockerd").File("/etc/docker/daemon.json", json);
}
