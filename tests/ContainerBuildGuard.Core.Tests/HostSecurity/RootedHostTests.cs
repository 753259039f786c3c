using System.Diagnostics;
using ContainerBuildGuard.HostSecurity;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>A real folder as a machine's root: real modes, links, pipes and sizes.</summary>
[TestClass]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class RootedHostTests : HostRoot
{
    [TestMethod]
    public async Task Wrong_modes_configurations_and_ids_in_a_folder_are_found()
    {
        Write("etc/docker/daemon.json", "{ \"iptables\": false }", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        Write("usr/bin/dockerd", "");
        Write("usr/sbin/sshd", "");
        Write("etc/ssh/sshd_config", "PermitRootLogin yes\nInclude /etc/ssh/sshd_config.d/*.conf\n");
        Write("etc/ssh/sshd_config.d/a.conf", "PasswordAuthentication no\n");
        Write("etc/subuid", "a:100000:65536\nb:100001:65536\n");
        var audit = await AskAsync();
        foreach (var code in (string[])["CBG5003", "CBG5016", "CBG5007", "CBG5114"])
        {
            Assert.AreEqual(AuditOutcome.Failed, audit[code].Outcome, code);
        }

        Assert.AreEqual(AuditOutcome.Passed, audit["CBG5200"].Outcome);
    }

    [TestMethod]
    public async Task Links_lead_nowhere_outside_and_loops_end()
    {
        Write("real/passwd", "toor:x:0:0::/:/bin/sh\n");
        Directory.CreateDirectory(At("etc"));
        File.CreateSymbolicLink(At("etc/passwd"), "../../../../real/passwd");
        File.CreateSymbolicLink(At("etc/shadow"), "/etc/shadow");
        var audit = await AskAsync();
        Assert.AreEqual("toor", audit["CBG5220"].Findings.Single().Key);
        Assert.AreEqual(AuditOutcome.NotChecked, audit["CBG5221"].Outcome);
        Assert.Contains("symbolic links", audit["CBG5221"].Reason);
    }

    [TestMethod]
    public async Task Pipes_huge_files_and_strange_names_cost_nothing_and_forge_nothing()
    {
        Directory.CreateDirectory(At("etc/cron.d"));
        await ProcessRunner.MustAsync("mkfifo", At("etc/sudoers"), At("etc/subuid"));
        using (var huge = File.Create(At("etc/group")))
        {
            huge.SetLength(1L << 30);
        }

        Write("etc/cron.d/x\nerror CBG1001: forged\u001b[31m", "* * * * * root /srv/a\n");
        Write("srv/a", "", UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        var clock = Stopwatch.StartNew();
        var audit = await AskAsync();
        Assert.IsLessThan(3, clock.Elapsed.TotalSeconds);
        Assert.AreEqual(AuditOutcome.NotChecked, audit["CBG5230"].Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, audit["CBG5228"].Outcome);
        Assert.AreEqual(AuditOutcome.Failed, audit["CBG5248"].Outcome);
        Assert.IsFalse(audit["CBG5248"].Findings[0].Message.Any(char.IsControl));
    }

    [TestMethod]
    public async Task The_script_of_remedies_is_a_shell_script_whatever_the_names()
    {
        Write("etc/docker/certs.d/a'; touch hacked; '/ca.crt", "x", UnixFileMode.UserRead | UnixFileMode.OtherWrite);
        var facts = await HostCollector.CollectAsync(new RootedHostProbe(Root), TimeProvider.System, CancellationToken.None);
        var script = FixScript.Write(HostAudit.Judge(facts).Findings, DateTimeOffset.UnixEpoch);
        Assert.Contains("chmod", script);
        var file = At("fix.sh");
        await File.WriteAllTextAsync(file, script);
        Assert.AreEqual(0, (await ProcessRunner.RunAsync("sh", ["-n", file])).ExitCode);
        Assert.Contains("a'\\''; touch hacked; '\\''/ca.crt", script);
    }
}
