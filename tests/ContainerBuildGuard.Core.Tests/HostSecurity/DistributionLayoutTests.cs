using ContainerBuildGuard.HostSecurity;

namespace ContainerBuildGuard.Core.Tests.HostSecurity;

/// <summary>Roots laid out as other distributions lay them out: each question is answered from where the answer stands there, or has no meaning. Only what really is not there "could not be checked".</summary>
[TestClass]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class DistributionLayoutTests : HostRoot
{
    /// <summary>musl, busybox, OpenRC, apk: no systemd, links to absolute paths, crontabs in a folder of their own, no sudo.</summary>
    [TestMethod]
    public async Task Alpine()
    {
        Folders("usr/bin", "usr/sbin", "sbin", "run", "var/cache/apk", "etc/periodic/daily");
        Write("etc/os-release", "ID=alpine\nVERSION_ID=3.22.1\nPRETTY_NAME=\"Alpine Linux v3.22\"\n");
        Write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/sbin/nologin\n");
        Write("etc/group", "root:x:0:root\nwheel:x:10:root\ndocker:x:101:\n");
        Write("etc/shadow", "root:*::0:::::\nnobody:!::0:::::\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Write("etc/apk/repositories", "https://dl-cdn.alpinelinux.org/alpine/v3.22/main\n");
        Write("lib/apk/db/installed", "P:docker\nV:28.3.3-r1\nA:x86_64\n\n");
        Write("bin/busybox", "x", Program);
        Link("bin/sh", "/bin/busybox");
        Link("usr/sbin/crond", "/bin/busybox");
        Write("usr/bin/dockerd", "x", Program);
        Write("etc/conf.d/docker", "DOCKER_OPTS=\"\"\n");
        Write("usr/sbin/sshd", "x", Program);
        Write("etc/ssh/sshd_config", "PermitRootLogin no\nPasswordAuthentication no\nInclude /etc/ssh/sshd_config.d/*.conf\n");
        Write("etc/crontabs/root", "0 2 * * * run-parts /etc/periodic/daily\n", UnixFileMode.UserRead | UnixFileMode.UserWrite);

        // No index was fetched into this root, and nothing is downloaded to find out.
        var audit = await AuditAsync("CBG5177");
        Assert.AreEqual(AuditOutcome.Passed, audit["CBG5007"].Outcome);
        Assert.AreEqual(AuditOutcome.Passed, audit["CBG5171"].Outcome);
        Assert.AreEqual(AuditOutcome.Failed, audit["CBG5008"].Outcome);
        Assert.AreEqual(AuditOutcome.NotApplicable, audit["CBG5230"].Outcome, "There is no sudo.");
        Assert.AreEqual(AuditOutcome.NotApplicable, audit["CBG5050"].Outcome, "There is no systemd.");
    }

    /// <summary>One folder of programs with links from the others, os-release by a relative link, crypto policies, rpm.</summary>
    [TestMethod]
    public async Task Fedora()
    {
        Folders("usr/bin", "usr/lib64", "root", "run", "var/lib/rpm");
        Write("usr/lib/os-release", "ID=fedora\nVERSION_ID=44\nPRETTY_NAME=\"Fedora Linux 44\"\nSUPPORT_END=2099-05-13\n");
        Link("etc/os-release", "../usr/lib/os-release");
        Link("bin", "usr/bin");
        Link("sbin", "usr/bin");
        Link("lib", "usr/lib");
        Link("usr/sbin", "bin");
        Write("etc/passwd", "root:x:0:0:Super User:/root:/bin/bash\nfedora:x:1000:1000::/home/fedora:/bin/bash\n");
        Write("etc/group", "root:x:0:\nwheel:x:10:fedora\nfedora:x:1000:\n");
        Write("etc/shadow", "root:!locked::0:99999:7:::\nfedora:!:20000:0:99999:7:::\n", UnixFileMode.UserRead);
        Write("etc/yum.repos.d/fedora.repo", "[fedora]\nmetalink=https://mirrors.example.org/metalink\nenabled=1\ngpgcheck=1\n");
        Write("etc/sudoers", "root ALL=(ALL) ALL\n%wheel ALL=(ALL) ALL\n#includedir /etc/sudoers.d\n", UnixFileMode.UserRead);
        Write("usr/bin/sshd", "x", Program);
        Write("etc/ssh/sshd_config", "Include /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin no\n");
        Write("etc/ssh/sshd_config.d/50-redhat.conf", "Include /etc/crypto-policies/back-ends/opensshserver.config\nX11Forwarding yes\n");
        Write("etc/crypto-policies/back-ends/opensshserver.config", "Ciphers aes256-gcm@openssh.com\n");
        Write("usr/bin/dockerd", "x", Program);
        Write("usr/bin/runc", "x", Program);
        Write("usr/lib/systemd/system/docker.service", "[Service]\nExecStart=/usr/bin/dockerd --host=fd://\n");
        Write("etc/audit/audit.rules", "-w /usr/bin/dockerd\n-w /usr/bin/runc\n-w /lib/systemd/system/docker.service\n");
        Write("usr/bin/podman", "x", Program);
        Write("etc/containers/policy.json", """{"default":[{"type":"insecureAcceptAnything"}]}""");

        // The advisories of no repository are in dnf's cache.
        var audit = await AuditAsync("CBG5177");
        Assert.AreEqual(AuditOutcome.Passed, audit["CBG5007"].Outcome);
        Assert.AreEqual(AuditOutcome.Failed, audit["CBG5202"].Outcome);
        Assert.AreEqual(AuditOutcome.Passed, audit["CBG5207"].Outcome);
        Assert.AreEqual(AuditOutcome.Passed, audit["CBG5171"].Outcome, audit["CBG5171"].Reason);
        Assert.AreEqual(AuditOutcome.Passed, audit["CBG5013"].Outcome, audit["CBG5013"].Reason);
        Assert.AreEqual(AuditOutcome.Failed, audit["CBG5100"].Outcome);
    }

    /// <summary>A folder without a distribution, or not the root that was meant: who has accounts there is not known, and nothing passes for want of files.</summary>
    [TestMethod]
    public async Task Nothing_but_a_program()
    {
        Write("app/server", "x", Program);
        var audit = await AuditAsync("CBG5171", "CBG5006", "CBG5220", "CBG5221", "CBG5222", "CBG5224", "CBG5225", "CBG5226", "CBG5228");
        Assert.IsFalse(audit.Where(c => c.Key is "CBG5007" or "CBG5008" or "CBG5013" or "CBG5220" or "CBG5230").Any(c => c.Value.Outcome == AuditOutcome.Passed));
    }

    private const UnixFileMode Program = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>Asks everything; what could not be checked must be these alone.</summary>
    private async Task<Dictionary<string, HostCheckResult>> AuditAsync(params string[] expected)
    {
        var audit = await AskAsync();
        var gaps = audit.Where(c => c.Value.Outcome == AuditOutcome.NotChecked && !expected.Contains(c.Key)).Select(c => $"{c.Key}: {c.Value.Reason}");
        Assert.AreEqual("", string.Join('\n', gaps));
        return audit;
    }

    private void Folders(params string[] paths) => Array.ForEach(paths, p => Directory.CreateDirectory(At(p)));

    private void Link(string path, string target)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.CreateSymbolicLink(At(path), target);
    }
}
