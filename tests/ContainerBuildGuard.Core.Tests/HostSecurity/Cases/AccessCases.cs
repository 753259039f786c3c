using static ContainerBuildGuard.Core.Tests.HostSecurity.Cases.HostCase;

namespace ContainerBuildGuard.Core.Tests.HostSecurity.Cases;

/// <summary>SSH, accounts, sudo, and what root runs.</summary>
internal static class AccessCases
{
    // Never a hash of anything: the scheme's mark is all that is read.
    private static readonly string Md5 = "$1$" + "x", Yescrypt = "$y$" + "x";

    public static IEnumerable<HostCase> All =>
    [
        Ssh("CBG5007", "PermitRootLogin yes", "PermitRootLogin no"),
        Ssh("CBG5200", "PasswordAuthentication yes", "PasswordAuthentication no"),
        Ssh("CBG5201", "PermitEmptyPasswords yes", "PermitEmptyPasswords no"),
        Ssh("CBG5202", "X11Forwarding yes", "X11Forwarding no"),
        Ssh("CBG5203", "AllowAgentForwarding yes", "AllowAgentForwarding no"),
        Ssh("CBG5204", "AllowTcpForwarding yes", "AllowTcpForwarding no"),
        Ssh("CBG5205", "MaxAuthTries 10", "MaxAuthTries 3"),
        Ssh("CBG5206", "LogLevel QUIET", "LogLevel VERBOSE"),
        Ssh("CBG5207", "Ciphers aes256-gcm@openssh.com,3des-cbc", "Ciphers aes256-gcm@openssh.com"),
        Ssh("CBG5208", "MACs hmac-md5", "MACs -hmac-md5"),
        Ssh("CBG5209", "KexAlgorithms +diffie-hellman-group1-sha1", "KexAlgorithms curve25519-sha256"),
        Ssh("CBG5212", "HostKeyAlgorithms +ssh-rsa", "HostKeyAlgorithms ssh-ed25519"),
        Ssh("CBG5213", "PermitUserEnvironment yes", "PermitUserEnvironment no"),
        Ssh("CBG5214", "StrictModes no", "StrictModes yes"),
        Ssh("CBG5215", "HostbasedAuthentication yes", "HostbasedAuthentication no"),
        Ssh("CBG5216", "PermitTunnel yes", "PermitTunnel no"),
        Ssh("CBG5217", "GatewayPorts yes", "GatewayPorts no"),
        Ssh("CBG5218", "LoginGraceTime 10m", "LoginGraceTime 60"),
        Ssh("CBG5219", "PasswordAuthentication no\nUsePAM yes", "PasswordAuthentication no\nUsePAM yes\nKbdInteractiveAuthentication no"),
        Mode("CBG5210", "/etc/ssh/ssh_host_ed25519_key", 0x180, 0x20, h => h.File("/usr/sbin/sshd").File("/etc/ssh/sshd_config", "# x")),
        Mode("CBG5211", "/etc/ssh/sshd_config", 0x1A4, with: h => h.File("/usr/sbin/sshd")),
        Passwd("CBG5220", "root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:/bin/sh\n", "root:x:0:0::/root:/bin/sh\n"),
        Shadow("CBG5221", "ci::19000:0:99999:7:::", "ci:!:19000:0:99999:7:::"),
        Shadow("CBG5222", $"ci:{Md5}:19000:0:99999:7:::", $"ci:{Yescrypt}:19000:0:99999:7:::"),
        Shadow("CBG5224", $"ci:{Yescrypt}:19000:0:99999:7:::", $"ci:{Yescrypt}:19000:0:90:7:::"),
        new("CBG5225", Host().File("/etc/shadow", $"svc:{Yescrypt}:19000:0:99999:7:::\n").File("/etc/passwd", "svc:x:200:200::/:/bin/bash\n"), Host().File("/etc/shadow", $"svc:{Yescrypt}:19000:0:99999:7:::\n").File("/etc/passwd", "svc:x:200:200::/:/usr/sbin/nologin\n")),
        Passwd("CBG5226", "a:x:1000:1000::/a:/bin/sh\nb:x:1000:1000::/b:/bin/sh\n", "a:x:1000:1000::/a:/bin/sh\nb:x:1001:1001::/b:/bin/sh\n"),
        new("CBG5228", Host().File("/etc/group", "lxd:x:110:ci\n"), Host().File("/etc/group", "lxd:x:110:\n")),
        Mode("CBG5223", "/etc/passwd", 0x1A4),
        Mode("CBG5227", "/etc/shadow", 0x1A0, 0x4),
        new("CBG5229", Host().File("/etc/passwd", "a:x:1000:1000::/home/a:/bin/sh\n").Folder("/home/a", 0x1FF, 1000), Host().File("/etc/passwd", "a:x:1000:1000::/home/a:/bin/sh\n").Folder("/home/a", 0x1ED, 1000)),
        Sudo("CBG5230", "ci ALL=(ALL) NOPASSWD: ALL", "ci ALL=(ALL) ALL"),
        Sudo("CBG5231", "Cmnd_Alias ENGINE = /usr/bin/docker\nci ALL=(root) ENGINE", "ci ALL=(root) /usr/bin/systemctl restart app"),
        Sudo("CBG5232", "ci ALL=(root) NOPASSWD: /usr/bin/env", "ci ALL=(root) NOPASSWD: /usr/local/bin/deploy"),
        Sudo("CBG5233", "Defaults env_keep += \"LD_PRELOAD\"", "Defaults env_reset"),
        Mode("CBG5234", "/etc/sudoers", 0x120, 0x90),
        new("CBG5245", Host().Variable("PATH", "/opt/tools").Folder("/opt/tools", 0x1FF), Host().Variable("PATH", "/opt/tools").Folder("/opt/tools")),
        new("CBG5246", Host().Variable("PATH", "/opt/tools").File("/opt/tools/dotnet", mode: 0x1FF), Host().Variable("PATH", "/opt/tools").File("/opt/tools/dotnet", mode: 0x1ED)),
        new("CBG5247", Host().Variable("PATH", "/usr/bin:."), Host().Variable("PATH", "/usr/bin")),
        new("CBG5248", Host().File("/etc/cron.d/job", "* * * * * root /srv/job.sh\n").File("/srv/job.sh", mode: 0x1FF), Host().File("/etc/cron.d/job", "* * * * * root /srv/job.sh\n").File("/srv/job.sh", mode: 0x1ED)),
        Mode("CBG5249", "/etc/crontab", 0x1A4),
        new("CBG5251", Host().File("/etc/ld.so.preload", "/lib/x.so"), Host()),
        new("CBG5253", Host().User(1000, "0000"), Host().User(1000)),
        Mode("CBG5254", "/etc/profile", 0x1A4),
        Mode("CBG5255", "/etc/ssl/certs/ca-certificates.crt", 0x1A4),
        new("CBG5256", Host().File("/etc/hosts.equiv", "+"), Host()),
        Mode("CBG5257", "/root/.ssh/authorized_keys", 0x180, 0x12),
    ];

    public static FakeHost SshServer(string configuration) => Host().File("/usr/sbin/sshd").File("/etc/ssh/sshd_config", configuration + "\n");

    private static HostCase Ssh(string code, string bad, string good) => new(code, SshServer(bad), SshServer(good));

    private static HostCase Passwd(string code, string bad, string good) => new(code, Host().File("/etc/passwd", bad), Host().File("/etc/passwd", good));

    private static HostCase Shadow(string code, string bad, string good) => new(code, Host().File("/etc/shadow", bad), Host().File("/etc/shadow", good));

    private static HostCase Sudo(string code, string bad, string good) => new(code, Host().File("/etc/sudoers", bad + "\n", 0x120), Host().File("/etc/sudoers", good + "\n", 0x120));
}
