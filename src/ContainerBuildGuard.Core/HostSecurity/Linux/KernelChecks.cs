using System.Collections.Immutable;
using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using ContainerBuildGuard.Lifecycle;
using ContainerBuildGuard.SystemPackages;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The kernel that containers share, and what confines them in it.</summary>
internal static class KernelChecks
{
    private static readonly Rule CoreDumps = Rule("CBG5160", "Core dumps go to an unsafe place", Severity.Low, "NIST SP 800-190 4.5.2");
    private static readonly Rule Namespaces = Rule("CBG5161", "User namespaces open to all and used by nobody", Severity.Info, "NIST SP 800-190 4.5.2");
    private static readonly Rule Reboot = Rule("CBG5170", "Reboot pending", Severity.Medium, "NIST SP 800-190 4.5.3");
    private static readonly Rule Release = Rule("CBG5171", "Distribution out of support", Severity.High, "NIST SP 800-190 4.5.3");
    private static readonly Rule Processor = Rule("CBG5172", "Processor vulnerability not mitigated", Severity.Medium, "NIST SP 800-190 4.5.2");
    private static readonly Rule Module = Rule("CBG5173", "No mandatory access control", Severity.Medium, "CIS Docker 5.2", "CIS Docker 5.3");
    private static readonly Rule Lockdown = Rule("CBG5174", "Kernel not locked down", Severity.Info, "NIST SP 800-190 4.5.2");
    private static readonly Rule ControlGroups = Rule("CBG5175", "Control groups of version 1", Severity.Low, "NIST SP 800-190 4.4.3");
    private static readonly Rule Time = Rule("CBG5240", "Clock not synchronized", Severity.Low, "NIST SP 800-190 4.5.5");
    private static readonly Rule Auditing = Rule("CBG5241", "Audit daemon not running", Severity.Low, "CIS Docker 1.1.3");
    private static readonly Rule Journal = Rule("CBG5242", "Journal lost at reboot", Severity.Info, "NIST SP 800-190 4.5.5");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        new(CoreDumps, CheckScope.Kernel, JudgeCoreDumps),
        new(Namespaces, CheckScope.RunningHost, JudgeNamespaces),
        new(Reboot, CheckScope.RunningHost, f => Over(f, JudgeReboot)),
        new(Release, CheckScope.Host, f => Over(f, s => JudgeRelease(f, s))),
        new(Processor, CheckScope.Kernel, f => Over(f, s => s.CpuVulnerabilities.Count == 0 ? HostCheckResult.NotChecked("/sys/devices/system/cpu/vulnerabilities is empty or cannot be read.")
            : HostCheckResult.Of(s.CpuVulnerabilities.Where(v => v.Value.StartsWith("Vulnerable", StringComparison.Ordinal)).Select(v => Processor.Found(
                $"The processor is open to {v.Key} ({v.Value}): one container can read another's memory, or the host's.", "Update the kernel and the processor's microcode, and take mitigations=off from the kernel's command line.", key: v.Key)), [], "Every known vulnerability is mitigated or absent."))),
        new(Module, CheckScope.Kernel, f => Over(f, s => !s.SecurityModules.Found ? HostCheckResult.NotChecked((s.SecurityModules.Problem ?? "/sys/kernel/security/lsm does not exist") + ".")
            : HostCheckResult.Of(s.SecurityModules.Value.Contains("apparmor", StringComparison.Ordinal) || (s.SecurityModules.Value.Contains("selinux", StringComparison.Ordinal) && s.SELinuxEnforce is { Found: true, Value: "1" })
                ? [] : [Module.Found($"Neither AppArmor nor an enforcing SELinux confines containers (active: {s.SecurityModules.Value}).", "Enable AppArmor (Debian, Ubuntu, SUSE) or set SELinux to enforcing (Fedora, RHEL), and reboot.")], [], $"Active: {s.SecurityModules.Value}."))) { CisLevel = 1 },
        new(Lockdown, CheckScope.Kernel, f => Over(f, s => HostCheckResult.Over(s.Lockdown, "This kernel has no lockdown.", mode => HostCheckResult.Of(mode.Contains("[none]", StringComparison.Ordinal)
            ? [Lockdown.Found("The kernel is not locked down: root can change it while it runs.", "Boot with lockdown=integrity, or with secure boot.")] : [], [], $"Lockdown: {mode}.")))),
        new(ControlGroups, CheckScope.Kernel, f => Over(f, s => HostCheckResult.Of(s.CgroupV2 ? [] : [ControlGroups.Found("The host uses control groups of version 1: rootless engines cannot limit memory, and delegation is unsafe.", "Boot with systemd.unified_cgroup_hierarchy=1 or a distribution that uses version 2.")], [], "Control groups of version 2."))),
        Service(Time, ["chronyd", "systemd-timesyncd", "systemd-timesyn", "ntpd", "openntpd", "ptp4l"], "No time service runs: signatures, certificates and logs depend on the clock.", "Install chrony, or run `systemctl enable --now systemd-timesyncd`.", "apt-get install --yes chrony || dnf install --assumeyes chrony"),
        Service(Auditing, ["auditd"], "auditd does not run: what is done to the container engine leaves no trace.", "Install auditd and run `systemctl enable --now auditd`.", "apt-get install --yes auditd || dnf install --assumeyes audit") with { CisLevel = 1 },
        new(Journal, CheckScope.Host, f => Over(f, s => HostCheckResult.Over(s.JournalStorage, "There is no journald.", storage => HostCheckResult.Of(storage.ToLowerInvariant() is "volatile" or "none"
            ? [Journal.Found($"The journal is kept in memory alone or not at all (Storage={storage}).", "Set Storage=persistent in /etc/systemd/journald.conf and run `systemctl restart systemd-journald`.", "/etc/systemd/journald.conf")] : [], [], $"Storage={storage}.")))),
    ];

    private static HostCheckResult Over(HostFacts facts, Func<SystemFacts, HostCheckResult> judge) => HostCheckResult.Over(facts.System, "", judge);

    private static HostCheck Service(Rule rule, string[] names, string message, string remedy, string fix) => new(rule, CheckScope.RunningHost, f => Over(f, s =>
        !s.ProcessNames.Found ? HostCheckResult.NotChecked(s.ProcessNames.Problem + ".")
            : HostCheckResult.Of(s.ProcessNames.Value.Any(n => names.Contains(n)) ? [] : [rule.Found(message, remedy, fix: fix)], [], "It runs.")));

    private static HostCheckResult JudgeReboot(SystemFacts system)
    {
        // A kernel counts as newer in its own flavour (-amd64, -generic) alone.
        static string Flavour(string kernel) => kernel[(kernel.LastIndexOf('-') + 1)..];
        var newer = system.InstalledKernels.Where(k => Flavour(k) == Flavour(system.Kernel) && RpmVersion.Compare(k, system.Kernel) > 0).Order(StringComparer.Ordinal).LastOrDefault();
        return system.Kernel.Length == 0 ? HostCheckResult.NotChecked("The running kernel's version cannot be read.")
            : HostCheckResult.Of(newer is not null || system.RebootRequired
                ? [Reboot.Found(newer is null ? "An update waits for a reboot (/run/reboot-required)." : $"The kernel {system.Kernel} runs and {newer} is installed: its fixes are not in force.", "Reboot at the next chance; drain the host's containers first.", key: "reboot")] : [],
                [], $"The newest installed kernel runs ({system.Kernel}).");
    }

    private static HostCheckResult JudgeRelease(HostFacts facts, SystemFacts system)
    {
        if (!system.Release.TryGetValue("ID", out var id))
        {
            return HostCheckResult.NotChecked("/etc/os-release cannot be read or names no distribution.");
        }

        var version = system.Release.GetValueOrDefault("VERSION_ID", "");
        var end = EndOfLifeTable.Default.Find(id, version)?.End ?? Stated(system);
        return end is null ? HostCheckResult.NotChecked($"The end of support of {id} {version} is not known to this version of the guard.")
            : HostCheckResult.Of(end < DateOnly.FromDateTime(facts.Collected.UtcDateTime) ? [Release.Found($"{system.Release.GetValueOrDefault("PRETTY_NAME", $"{id} {version}")} gets no security updates since {end:yyyy-MM-dd}.", "Move the machine to a supported release.", "/etc/os-release")] : [], [], $"{id} {version} is in support until {end:yyyy-MM-dd}.");
    }

    /// <summary>The day that the distribution states itself, as Fedora does (os-release(5), SUPPORT_END).</summary>
    private static DateOnly? Stated(SystemFacts system) =>
        DateOnly.TryParseExact(system.Release.GetValueOrDefault("SUPPORT_END", ""), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var end) ? end : null;

    private static HostCheckResult JudgeCoreDumps(HostFacts facts)
    {
        var pattern = facts.Sysctls.GetValueOrDefault("kernel.core_pattern");
        return HostCheckResult.Over(pattern, "This kernel does not have kernel.core_pattern.", value =>
        {
            var shared = ((string[])["/tmp", "/var/tmp", "/dev/shm"]).FirstOrDefault(f => value.StartsWith(f + "/", StringComparison.Ordinal) || value.StartsWith($"|{f}/", StringComparison.Ordinal));
            var bad = shared is not null || (value.Length > 0 && value[0] is not '|' and not '/');
            return HostCheckResult.Of(bad ? [CoreDumps.Found(
                shared is null ? $"A crashing process writes its memory, secrets with it, into its working folder (kernel.core_pattern = {value})." : $"A crash is handled in {shared}, where everyone can write (kernel.core_pattern = {value}).",
                "Set `kernel.core_pattern = |/bin/false` in /etc/sysctl.d/60-containerbuildguard.conf, or install systemd-coredump.", key: "core", severity: value.StartsWith('|') ? Severity.High : null)] : [], [], $"kernel.core_pattern = {value}.");
        });
    }

    private static HostCheckResult JudgeNamespaces(HostFacts facts)
    {
        string? Value(string name) => facts.Sysctls.GetValueOrDefault(name) is { Found: true, Value: var v } ? v : null;
        var open = Value("kernel.unprivileged_userns_clone") is null or "1" && Value("user.max_user_namespaces") is not (null or "0") && Value("kernel.apparmor_restrict_unprivileged_userns") is null or "0";
        var rootless = facts.Accounts is { Found: true, Value.SubordinateUids: { Found: true, Value.IsEmpty: false } };
        return Value("user.max_user_namespaces") is null ? HostCheckResult.NotApplicable("This kernel has no user namespaces.")
            : rootless ? HostCheckResult.NotApplicable("Rootless engines are set up and need user namespaces.")
            : HostCheckResult.Of(open ? [Namespaces.Found("Every user can make user namespaces, through which most kernel exploits of late go, and nobody here runs a rootless engine.", "Set kernel.unprivileged_userns_clone = 0 (Debian) or kernel.apparmor_restrict_unprivileged_userns = 1 (Ubuntu); keep them on if you move to rootless.", key: "userns")] : [], [], "User namespaces are restricted.");
    }
}
