using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.ImageRule;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Software that an attacker would have to bring along if the image did not.</summary>
internal static class SoftwareRules
{
    private const string Smaller = "Take a base without it: <ContainerFamily>noble-chiseled</ContainerFamily> (or azurelinux3.0-distroless) for .NET apps.";

    public static Rule Compiler { get; } = Descriptor("CBG2022", "Image holds a compiler or an SDK", Severity.Medium, "CIS Docker 4.3", "NIST SP 800-190 4.1.2");
    public static Rule PackageManager { get; } = Descriptor("CBG2023", "Image holds a package manager", Severity.Info, "CIS Docker 4.3");
    public static Rule Shell { get; } = Descriptor("CBG2024", "Image holds a shell", Severity.Info, "CIS Docker 4.3");
    public static Rule Downloader { get; } = Descriptor("CBG2025", "Image holds a download tool", Severity.Info, "CIS Docker 4.3");
    public static Rule Debugger { get; } = Descriptor("CBG2026", "Image holds a debugger or a network sniffer", Severity.Medium, "CIS Docker 4.3", "NIST SP 800-190 4.1.2");
    public static Rule Scheduler { get; } = Descriptor("CBG2027", "Image holds a scheduler or an init system", Severity.Low, "CIS Docker 4.3");
    public static Rule SshClient { get; } = Descriptor("CBG2028", "Image holds an SSH client", Severity.Info, "CIS Docker 5.7");

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(Compiler, f => Found(f, "a compiler or build tool, which turns a foothold into any program", "Publish on a runtime base: leave ContainerBaseImage to the SDK, or name dotnet/aspnet or dotnet/runtime.", "gcc", "cc", "clang", "g++", "make", "go", "rustc", "javac")
            .Concat(new[] { "usr/share/dotnet/sdk", "usr/lib/dotnet/sdk", "root/.dotnet/sdk" }.Where(p => f.Inspection.Files.Visible.Any(e => e.Path.StartsWith(p + "/", StringComparison.Ordinal)))
                .Select(p => new ImageHit($"The image holds the .NET SDK in /{p}: compilers, NuGet and some 600 MB that the app never uses.", "Set ContainerBaseImage to dotnet/aspnet or dotnet/runtime, or leave it to the SDK.") { Key = p }))),
        new(PackageManager, f => Found(f, "a package manager, with which an attacker installs the rest", Smaller, "apt-get", "apk", "dnf", "microdnf", "yum", "zypper", "tdnf", "pip", "npm", "gem")),
        new(Shell, f => Found(f, "a shell", Smaller, "sh", "bash", "busybox", "zsh").Take(1)),
        new(Downloader, f => Found(f, "a tool to download with", Smaller, "curl", "wget", "nc", "ncat", "socat")),
        new(Debugger, f => Found(f, "a tool that reads other processes or the network", "Attach it when it is needed: kubectl debug, a sidecar of dotnet-monitor.", "gdb", "strace", "ltrace", "tcpdump", "vsdbg", "dotnet-dump", "dotnet-trace", "perf", "nmap", "lldb")),
        new(Scheduler, f => Found(f, "a scheduler or an init system: one container, one process", "Run scheduled work as a job of the orchestrator (CronJob).", "crond", "cron", "systemd", "supervisord", "runsvdir", "s6-svscan", "anacron")),
        new(SshClient, f => Found(f, "an SSH client, with which an attacker moves on", Smaller, "ssh", "scp", "sftp", "dbclient").Take(1)),
    ];

    private static IEnumerable<ImageHit> Found(HardeningFacts facts, string what, string remedy, params string[] names) =>
        Programs.Find(facts, names).Select(entry => new ImageHit($"The image holds /{entry.Path}, {what}.", remedy) { Entry = entry });
}
