using System.Collections.Immutable;
using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>
/// Kernel parameters that keep a process in a container from learning about or reaching the kernel it shares, and the host's network honest. Forwarding and user
/// namespaces are not asked to be off: containers need them.
/// </summary>
internal static class SysctlChecks
{
    private sealed record Parameter(string Code, string Title, Severity Severity, string Wanted, Func<int, bool> Holds, string Meaning, string[] Names);

    private static readonly Parameter[] Table =
    [
        AtLeast("CBG5005", "Kernel addresses shown to every process", Severity.Low, 1, "kernel addresses are shown to every process", "kernel.kptr_restrict"),
        AtLeast("CBG5140", "Kernel log readable by every process", Severity.Low, 1, "every process can read the kernel log", "kernel.dmesg_restrict"),
        AtLeast("CBG5141", "Memory layout not randomized", Severity.Medium, 2, "memory layout is not fully randomized", "kernel.randomize_va_space"),
        AtLeast("CBG5142", "BPF programs open to every process", Severity.Medium, 1, "every process can load BPF programs", "kernel.unprivileged_bpf_disabled"),
        AtLeast("CBG5143", "Kernel profiling open to every process", Severity.Low, 2, "every process can profile the kernel", "kernel.perf_event_paranoid"),
        AtLeast("CBG5144", "Processes may read one another's memory", Severity.Low, 1, "a process can read the memory of any other of the same user", "kernel.yama.ptrace_scope"),
        AtLeast("CBG5145", "Hard links to files of others", Severity.Medium, 1, "hard links to files of others can be made", "fs.protected_hardlinks"),
        AtLeast("CBG5146", "Links in world-writable folders followed", Severity.Medium, 1, "links in world-writable folders are followed", "fs.protected_symlinks"),
        AtLeast("CBG5147", "FIFOs of others opened in world-writable folders", Severity.Low, 1, "a FIFO that another user left in /tmp is opened", "fs.protected_fifos"),
        AtLeast("CBG5148", "Files of others opened in world-writable folders", Severity.Low, 1, "a file that another user left in /tmp is opened for writing", "fs.protected_regular"),
        new("CBG5149", "Privileged programs leave core dumps", Severity.Low, "0", v => v != 1, "a setuid program's memory can be dumped for its caller", ["fs.suid_dumpable"]),
        new("CBG5150", "All magic SysRq keys active", Severity.Low, "0", v => v != 1, "whoever reaches the console can dump memory and kill processes", ["kernel.sysrq"]),
        AtLeast("CBG5151", "BPF compiler not hardened", Severity.Low, 1, "compiled BPF programs help to place attack code in the kernel", "net.core.bpf_jit_harden"),
        new("CBG5152", "Forged source addresses accepted", Severity.Low, "2", v => v >= 1, "packets with a forged source address are accepted", ["net.ipv4.conf.default.rp_filter"]),
        Zero("CBG5153", "ICMP redirects accepted", Severity.Low, "a neighbour can lead this host's traffic through itself", "net.ipv4.conf.all.accept_redirects", "net.ipv4.conf.default.accept_redirects", "net.ipv6.conf.all.accept_redirects", "net.ipv6.conf.default.accept_redirects"),
        Zero("CBG5154", "ICMP redirects sent", Severity.Low, "this host tells its neighbours other ways", "net.ipv4.conf.all.send_redirects", "net.ipv4.conf.default.send_redirects"),
        Zero("CBG5155", "Source routing accepted", Severity.Medium, "a sender may choose the way of its packets past filters", "net.ipv4.conf.all.accept_source_route", "net.ipv4.conf.default.accept_source_route", "net.ipv6.conf.all.accept_source_route"),
        AtLeast("CBG5156", "Impossible addresses not logged", Severity.Info, 1, "packets with impossible addresses leave no trace", "net.ipv4.conf.all.log_martians"),
        AtLeast("CBG5157", "No protection from SYN floods", Severity.Low, 1, "a flood of connection attempts stops the host from answering", "net.ipv4.tcp_syncookies"),
        AtLeast("CBG5158", "Broadcast pings answered", Severity.Low, 1, "this host can be used to amplify an attack", "net.ipv4.icmp_echo_ignore_broadcasts"),
        AtLeast("CBG5159", "Another kernel can be loaded while running", Severity.Info, 1, "root can replace the running kernel without a boot that verifies it", "kernel.kexec_load_disabled"),
        Zero("CBG5163", "Page faults handed to every process", Severity.Low, "userfaultfd makes kernel races easy to win", "vm.unprivileged_userfaultfd"),
        Zero("CBG5164", "Terminal drivers loaded on demand", Severity.Low, "every process can load old terminal drivers into the kernel", "dev.tty.ldisc_autoload"),
        AtLeast("CBG5165", "Lowest memory pages can be mapped", Severity.Medium, 4096, "null pointers of the kernel can be pointed at attack code", "vm.mmap_min_addr"),
    ];

    public static IEnumerable<string> Names => Table.SelectMany(p => p.Names).Concat(["kernel.core_pattern", "kernel.unprivileged_userns_clone", "user.max_user_namespaces", "kernel.apparmor_restrict_unprivileged_userns"]);

    public static ImmutableArray<HostCheck> All { get; } = [.. Table.Select(Check)];

    private static Parameter AtLeast(string code, string title, Severity severity, int least, string meaning, string name) =>
        new(code, title, severity, least.ToString(CultureInfo.InvariantCulture), v => v >= least, meaning, [name]);

    private static Parameter Zero(string code, string title, Severity severity, string meaning, params string[] names) => new(code, title, severity, "0", v => v == 0, meaning, names);

    private static HostCheck Check(Parameter parameter)
    {
        var rule = Rule(parameter.Code, parameter.Title, parameter.Severity, "NIST SP 800-190 4.5.2");
        return new(rule, CheckScope.Kernel, facts => Judge(rule, parameter, facts));
    }

    private static HostCheckResult Judge(Rule rule, Parameter parameter, HostFacts facts)
    {
        var findings = new List<Finding>();
        var problems = new List<string>();
        var held = new List<string>();
        foreach (var name in parameter.Names)
        {
            if (!facts.Sysctls.TryGetValue(name, out var text))
            {
                problems.Add($"{name} is not part of these facts");
            }
            else if (text.Problem is { } problem)
            {
                problems.Add(problem);
            }
            else if (!text.Found)
            {
                continue;
            }
            else if (!int.TryParse(text.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                problems.Add($"{name} is not a number");
            }
            else if (parameter.Holds(value))
            {
                held.Add($"{name} = {value}");
            }
            else
            {
                findings.Add(rule.Found($"The kernel parameter {name} is {value} and should be {parameter.Wanted}: {parameter.Meaning}.",
                    $"Write `{name} = {parameter.Wanted}` into /etc/sysctl.d/60-containerbuildguard.conf and run `sysctl --system`.", key: name,
                    fix: $"printf '%s\\n' {Quote($"{name} = {parameter.Wanted}")} >> /etc/sysctl.d/60-containerbuildguard.conf && sysctl --system"));
            }
        }

        return held.Count == 0 && findings.Count == 0 && problems.Count == 0
            ? HostCheckResult.NotApplicable($"This kernel does not have {string.Join(", ", parameter.Names)}.")
            : HostCheckResult.Of(findings, problems, string.Join(", ", held) + ".");
    }
}
