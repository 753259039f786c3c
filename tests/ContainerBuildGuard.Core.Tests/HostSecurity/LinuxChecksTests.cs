using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.DotNet;
using ContainerBuildGuard.HostSecurity.Linux;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

[TestClass]
public sealed class LinuxChecksTests
{
    private const string Sshd = "/etc/ssh/sshd_config";

    [TestMethod]
    public void Weak_kernel_parameters_are_named()
    {
        var host = new FakeHost().File("/proc/sys/kernel/kptr_restrict", "0\n").File("/proc/sys/kernel/dmesg_restrict", "1\n");
        var result = host.Ask(new KernelParametersCheck());
        Assert.AreEqual("kernel.kptr_restrict", result.Findings.Single().Key);

        host.File("/proc/sys/kernel/kptr_restrict", "2\n");
        Assert.AreEqual(AuditOutcome.Passed, host.Ask(new KernelParametersCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, host.Denied("/proc/sys/kernel/kptr_restrict").Ask(new KernelParametersCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotApplicable, new FakeHost().Ask(new KernelParametersCheck()).Outcome);
    }

    [TestMethod]
    public void Sshd_is_judged_by_the_first_value_with_includes_in_place()
    {
        var host = Ssh("Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\nPasswordAuthentication yes\n")
            .File("/etc/ssh/sshd_config.d/00.conf", "PermitRootLogin no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n");
        Assert.AreEqual(AuditOutcome.Passed, host.Ask(new SshServerCheck()).Outcome);

        var after = Ssh("PermitRootLogin yes\nPasswordAuthentication=yes\nInclude /etc/ssh/sshd_config.d/*.conf\n")
            .File("/etc/ssh/sshd_config.d/00.conf", "PermitRootLogin no\nPasswordAuthentication no\n");
        Assert.AreSequenceEqual(["PermitRootLogin", "PasswordAuthentication"], after.Ask(new SshServerCheck()).Findings.Select(f => f.Key));
    }

    [TestMethod]
    public void Sshds_defaults_accept_passwords_and_roots_key() =>
        Assert.AreSequenceEqual([Severity.Low, Severity.Medium], Ssh("# nothing\n").Ask(new SshServerCheck()).Findings.Select(f => f.Severity));

    [TestMethod]
    public void Passwords_through_pam_and_in_match_blocks_are_found()
    {
        Assert.AreEqual("KbdInteractiveAuthentication", Ssh("PermitRootLogin no\nPasswordAuthentication no\nUsePAM yes\n").Ask(new SshServerCheck()).Findings.Single().Key);
        Assert.AreEqual("PasswordAuthentication User ops", Ssh("PermitRootLogin no\nPasswordAuthentication no\nMatch User ops\n  PasswordAuthentication yes\n").Ask(new SshServerCheck()).Findings.Single().Key);
    }

    [TestMethod]
    public void No_server_is_not_applicable_and_an_unreadable_or_looping_configuration_not_checked()
    {
        Assert.AreEqual(AuditOutcome.NotApplicable, new FakeHost().File(Sshd, "PermitRootLogin yes").Ask(new SshServerCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, Ssh("").Denied(Sshd).Ask(new SshServerCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotChecked, Ssh($"PermitRootLogin no\nPasswordAuthentication no\nInclude {Sshd}\n").Ask(new SshServerCheck()).Outcome);
    }

    [TestMethod]
    public void A_listening_server_is_recognised_by_its_title() => Assert.AreEqual("PermitRootLogin", new FakeHost()
        .Process(0, "sshd: /opt/sshd -D -f /opt/sshd_config [listener] 0 of 10-100 startups")
        .File("/opt/sshd_config", "PermitRootLogin yes\nPasswordAuthentication no\n").Ask(new SshServerCheck()).Findings.Single().Key);

    [TestMethod]
    public void DotNet_out_of_support_is_found_by_its_date()
    {
        var host = new FakeHost().File("/usr/share/dotnet/sdk/10.0.401/dotnet.dll").File("/usr/share/dotnet/shared/Microsoft.NETCore.App/10.0.12/x");
        Assert.AreEqual(AuditOutcome.Passed, host.Ask(new DotNetSupportCheck()).Outcome);

        host.File("/usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.20/x");
        Assert.AreEqual("runtime 8.0.20", host.Ask(new DotNetSupportCheck()).Findings.Single().Key);
    }

    [TestMethod]
    public void A_release_unknown_to_the_table_is_not_checked_and_no_dotnet_not_applicable()
    {
        Assert.AreEqual(AuditOutcome.NotChecked, new FakeHost().File("/home/dev/.dotnet/sdk/99.0.100/dotnet.dll").Ask(new DotNetSupportCheck()).Outcome);
        Assert.AreEqual(AuditOutcome.NotApplicable, new FakeHost().Ask(new DotNetSupportCheck()).Outcome);
    }

    private static FakeHost Ssh(string configuration) => new FakeHost().File("/usr/sbin/sshd").File(Sshd, configuration);
}
