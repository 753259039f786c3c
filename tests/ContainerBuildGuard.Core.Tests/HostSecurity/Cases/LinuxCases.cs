using static ContainerBuildGuard.Core.Tests.HostSecurity.Cases.HostCase;

namespace ContainerBuildGuard.Core.Tests.HostSecurity.Cases;

internal static class LinuxCases
{
    private static readonly DateTimeOffset Old = new(2026, 8, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Recent = new(2026, 11, 20, 0, 0, 0, TimeSpan.Zero);

    public static IEnumerable<HostCase> All =>
    [
        Sysctl("CBG5005", "kernel.kptr_restrict", "0", "2"),
        Sysctl("CBG5140", "kernel.dmesg_restrict", "0", "1"),
        Sysctl("CBG5141", "kernel.randomize_va_space", "1", "2"),
        Sysctl("CBG5142", "kernel.unprivileged_bpf_disabled", "0", "2"),
        Sysctl("CBG5143", "kernel.perf_event_paranoid", "-1", "2"),
        Sysctl("CBG5144", "kernel.yama.ptrace_scope", "0", "1"),
        Sysctl("CBG5145", "fs.protected_hardlinks", "0", "1"),
        Sysctl("CBG5146", "fs.protected_symlinks", "0", "1"),
        Sysctl("CBG5147", "fs.protected_fifos", "0", "1"),
        Sysctl("CBG5148", "fs.protected_regular", "0", "2"),
        Sysctl("CBG5149", "fs.suid_dumpable", "1", "0"),
        Sysctl("CBG5150", "kernel.sysrq", "1", "438"),
        Sysctl("CBG5151", "net.core.bpf_jit_harden", "0", "1"),
        Sysctl("CBG5152", "net.ipv4.conf.default.rp_filter", "0", "2"),
        Sysctl("CBG5153", "net.ipv4.conf.all.accept_redirects", "1", "0"),
        Sysctl("CBG5154", "net.ipv4.conf.all.send_redirects", "1", "0"),
        Sysctl("CBG5155", "net.ipv4.conf.all.accept_source_route", "1", "0"),
        Sysctl("CBG5156", "net.ipv4.conf.all.log_martians", "0", "1"),
        Sysctl("CBG5157", "net.ipv4.tcp_syncookies", "0", "1"),
        Sysctl("CBG5158", "net.ipv4.icmp_echo_ignore_broadcasts", "0", "1"),
        Sysctl("CBG5159", "kernel.kexec_load_disabled", "0", "1"),
        Sysctl("CBG5160", "kernel.core_pattern", "core", "|/usr/lib/systemd/systemd-coredump %P"),
        new("CBG5161", Host().Sysctl("user.max_user_namespaces", "63000"), Host().Sysctl("user.max_user_namespaces", "63000").Sysctl("kernel.apparmor_restrict_unprivileged_userns", "1")),
        Sysctl("CBG5163", "vm.unprivileged_userfaultfd", "1", "0"),
        Sysctl("CBG5164", "dev.tty.ldisc_autoload", "1", "0"),
        Sysctl("CBG5165", "vm.mmap_min_addr", "0", "65536"),
        new("CBG5235", Host().File("/etc/ufw/ufw.conf", "ENABLED=no\n"), Host().File("/etc/ufw/ufw.conf", "# /etc/ufw/ufw.conf\nENABLED=yes\n")),
        new("CBG5170", Kernel().File("/boot/vmlinuz-6.1.0-40-amd64"), Kernel().File("/boot/vmlinuz-6.1.0-30-amd64").File("/boot/vmlinuz-6.1.0-50-cloud")),
        new("CBG5171", Release("debian", "10"), Release("debian", "12")),
        new("CBG5172", Host().File("/sys/devices/system/cpu/vulnerabilities/mds", "Vulnerable\n"), Host().File("/sys/devices/system/cpu/vulnerabilities/mds", "Mitigation: Clear CPU buffers\n")),
        new("CBG5173", Host().File("/sys/kernel/security/lsm", "capability,yama"), Host().File("/sys/kernel/security/lsm", "capability,yama,apparmor")),
        new("CBG5174", Host().File("/sys/kernel/security/lockdown", "[none] integrity confidentiality"), Host().File("/sys/kernel/security/lockdown", "none [integrity] confidentiality")),
        new("CBG5175", Host(), Host().File("/sys/fs/cgroup/cgroup.controllers", "cpu memory")),
        new("CBG5177", Packages("1.0-1+deb12u2"), Packages("1.0-1")),
        new("CBG5178", Host().File("/var/lib/dpkg/status", modified: Old), Host().File("/var/lib/dpkg/status", modified: Recent)),
        new("CBG5179", Host().File("/var/lib/dpkg/status"), Host().File("/var/lib/dpkg/status").File("/etc/apt/apt.conf.d/20auto-upgrades", "APT::Periodic::Unattended-Upgrade \"1\";\n")),
        new("CBG5180", Host().File("/var/lib/dpkg/status").File("/var/lib/apt/lists/deb_InRelease", modified: Old), Host().File("/var/lib/dpkg/status").File("/var/lib/apt/lists/deb_InRelease", modified: Recent)),
        new("CBG5181", Host().File("/var/lib/dpkg/status").File("/etc/apt/sources.list", "deb [trusted=yes] http://mirror/debian stable main\n"), Host().File("/var/lib/dpkg/status").File("/etc/apt/sources.list", "deb [signed-by=/k.gpg] http://mirror/debian stable main\n")),
        Mount("CBG5185", "/tmp", "rw,nosuid", "rw,nosuid,nodev"),
        Mount("CBG5186", "/dev/shm", "rw,nosuid,nodev", "rw,nosuid,nodev,noexec"),
        Mount("CBG5187", "/var/tmp", "rw", "rw,nosuid,nodev"),
        Mount("CBG5188", "/home", "rw", "rw,nosuid,nodev"),
        new("CBG5190", Host().Folder("/tmp", 0x1FF), Host().Folder("/tmp", 0x3FF)),
        new("CBG5236", Host().File("/proc/net/tcp", DockerCases.Listening("00000000", 6379)), Host().File("/proc/net/tcp", DockerCases.Listening("0100007F", 6379))),
        new("CBG5237", Host().File("/proc/net/tcp", DockerCases.Listening("00000000", 23)), Host().File("/proc/net/tcp", DockerCases.Listening("00000000", 22))),
        new("CBG5238", Host().File("/proc/net/tcp", DockerCases.Listening("00000000", 5000)), Host().File("/proc/net/tcp", DockerCases.Listening("0100007F", 5000))),
        new("CBG5239", Listener(0x1FF), Listener(0x1ED)),
        new("CBG5240", Host(), Host().Process(0, "/usr/sbin/chronyd")),
        new("CBG5241", Host(), Host().Process(0, "/sbin/auditd")),
        new("CBG5242", Host().File("/etc/systemd/journald.conf", "[Journal]\nStorage=volatile\n"), Host().File("/etc/systemd/journald.conf", "[Journal]\n")),
    ];

    private static HostCase Sysctl(string code, string name, string bad, string good) => new(code, Host().Sysctl(name, bad), Host().Sysctl(name, good));

    private static FakeHost Kernel() => Host().Sysctl("kernel.osrelease", "6.1.0-35-amd64");

    private static FakeHost Release(string id, string version) => Host().File("/etc/os-release", $"ID={id}\nVERSION_ID=\"{version}\"\n");

    private static FakeHost Packages(string available) => Host()
        .File("/var/lib/dpkg/status", "Package: libssl3\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.0-1\n\n")
        .File("/var/lib/apt/lists/deb.debian.org_debian-security_main_binary-amd64_Packages", $"Package: libssl3\nArchitecture: amd64\nVersion: {available}\n\n");

    private static HostCase Mount(string code, string target, string bad, string good)
    {
        FakeHost With(string options) => Host().File("/proc/self/mountinfo", $"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n23 22 0:30 / {target} {options} shared:2 - tmpfs tmpfs rw\n");
        return new(code, With(bad), With(good));
    }

    private static FakeHost Listener(int mode) => Host().File("/proc/net/tcp", DockerCases.Listening("00000000", 8080)).Link("/proc/9/fd/3", "socket:[77]").Link("/proc/9/exe", "/srv/app").File("/srv/app", mode: mode);
}
