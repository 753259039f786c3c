using System.Globalization;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>Kernel settings that keep a process in a container from learning about or reaching the kernel it shares. Forwarding is not asked for: containers need it.</summary>
internal sealed class KernelParametersCheck : IHostCheck
{
    private static readonly (string Name, int Least, string Meaning)[] Expected =
    [
        ("kernel.dmesg_restrict", 1, "every process can read the kernel log"),
        ("kernel.kptr_restrict", 1, "kernel addresses are shown to every process"),
        ("kernel.randomize_va_space", 2, "memory layout is not fully randomized"),
        ("kernel.unprivileged_bpf_disabled", 1, "every process can load BPF programs"),
        ("kernel.perf_event_paranoid", 2, "every process can profile the kernel"),
        ("kernel.yama.ptrace_scope", 1, "a process can read the memory of any other of the same user"),
        ("fs.protected_hardlinks", 1, "hard links to files of others can be made"),
        ("fs.protected_symlinks", 1, "links in world-writable folders are followed"),
    ];

    public Rule Rule => HostSecurityRules.KernelParameters;

    public HostCheckResult Run(HostContext host)
    {
        var findings = new List<Finding>();
        var problems = new List<string>();
        var held = 0;
        var missing = new List<string>();
        foreach (var (name, least, meaning) in Expected)
        {
            var text = host.Probe.ReadText("/proc/sys/" + name.Replace('.', '/'));
            if (text.Problem is not null)
            {
                problems.Add(text.Problem);
            }
            else if (!text.Found)
            {
                missing.Add(name);
            }
            else if (!int.TryParse(text.Value.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            {
                problems.Add($"{name} is not a number");
            }
            else if (value < least)
            {
                findings.Add(Found(name, value, least, meaning));
            }
            else
            {
                held++;
            }
        }

        if (missing.Count == Expected.Length)
        {
            return HostCheckResult.NotApplicable("This kernel has none of the parameters.");
        }

        var absent = missing.Count > 0 ? $" This kernel does not have {string.Join(", ", missing)}." : "";
        return HostCheckResult.Of(findings, problems, $"{held} parameters are as they should be.{absent}");
    }

    private Finding Found(string name, int value, int least, string meaning) => new()
    {
        Rule = Rule,
        Severity = Rule.DefaultSeverity,
        Message = string.Create(CultureInfo.InvariantCulture, $"The kernel parameter {name} is {value}; it should be {least} at least: {meaning}."),
        Remedy = string.Create(CultureInfo.InvariantCulture, $"Write `{name} = {least}` into /etc/sysctl.d/60-containerbuildguard.conf and run `sysctl --system`."),
        Key = name,
    };
}
