using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The ways in which a user becomes root, or root runs what a user wrote: sudo, cron, services, the search path, the loader.</summary>
internal static class PrivilegeChecks
{
    private static readonly string[] Engines = ["docker", "podman", "nerdctl", "ctr", "buildah", "kubectl", "lxc"];
    private static readonly string[] Shells = ["/bin/sh", "/bin/bash", "/usr/bin/sh", "/usr/bin/bash", "/bin/su", "/usr/bin/su", "/usr/bin/env", "/usr/bin/vim", "/usr/bin/vi", "/usr/bin/find", "/usr/bin/python3", "/usr/bin/perl", "/usr/bin/less", "/usr/bin/tee", "/usr/bin/cp", "/usr/bin/dotnet"];
    private static readonly Rule NoPassword = Rule("CBG5230", "sudo without a password", Severity.High, "NIST SP 800-190 4.5.4");
    private static readonly Rule Engine = Rule("CBG5231", "sudo for a container engine", Severity.Medium, "NIST SP 800-190 4.5.4");
    private static readonly Rule Shell = Rule("CBG5232", "sudo for a command that gives a shell", Severity.High, "NIST SP 800-190 4.5.4");
    private static readonly Rule Environment = Rule("CBG5233", "sudo keeps dangerous variables", Severity.Medium, "NIST SP 800-190 4.5.4");
    private static readonly Rule Commands = Rule("CBG5248", "root runs a program that others can replace", Severity.Critical, "NIST SP 800-190 4.5.5");
    private static readonly Rule SearchPath = Rule("CBG5245", "Folder of the search path writable by others", Severity.High, "NIST SP 800-190 4.5.5");
    private static readonly Rule Relative = Rule("CBG5247", "Search path holds a relative folder", Severity.Medium, "NIST SP 800-190 4.5.5");
    private static readonly Rule Programs = Rule("CBG5246", "Program on the search path writable by others", Severity.High, "NIST SP 800-190 4.5.5");
    private static readonly Rule Preload = Rule("CBG5251", "A library is loaded into every program", Severity.Critical, "NIST SP 800-190 4.5.5");
    private static readonly Rule Umask = Rule("CBG5253", "New files are writable by others", Severity.Medium, "NIST SP 800-190 4.5.5");
    private static readonly Rule Sticky = Rule("CBG5190", "Temporary folder without the sticky bit", Severity.High, "NIST SP 800-190 4.5.5");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        Sudo(NoPassword, s => s.Rules.Where(r => r.NoPassword && r.Commands.Contains("ALL") && r.Who != "root").Select(r => NoPassword.Found($"{r.Who} may run everything as root without a password ({r.File}:{r.Line}).", "Take NOPASSWD out, or name the few commands that automation needs.", r.File, r.Who))),
        Sudo(Engine, s => s.Rules.SelectMany(r => r.Commands.Where(c => Engines.Contains(Name(c))).Select(c => Engine.Found($"{r.Who} may run {Name(c)} as root, and through it everything ({r.File}:{r.Line}).", "Use a rootless engine, or count the account as root and waive this.", r.File, $"{r.Who} {Name(c)}")))),
        Sudo(Shell, s => s.Rules.Where(r => r.NoPassword).SelectMany(r => r.Commands.Where(c => Shells.Contains(c.Split(' ')[0])).Select(c => Shell.Found($"{r.Who} may run {c} as root without a password, which opens a root shell ({r.File}:{r.Line}).", "Replace it with a script that does the one thing that is needed and that root owns.", r.File, $"{r.Who} {c}")))),
        Sudo(Environment, s => s.Defaults.Where(d => d.Contains("!env_reset", StringComparison.Ordinal) || d.Contains("!authenticate", StringComparison.Ordinal) || (d.Contains("env_keep", StringComparison.Ordinal) && d.Contains("LD_", StringComparison.Ordinal))).Select(d => Environment.Found($"sudo is weakened for everyone: Defaults {d}.", "Take that Defaults line out with visudo.", "/etc/sudoers", d))),
        FileCheck.Of(Rule("CBG5234", "sudo rules writable by others", Severity.Critical, "NIST SP 800-190 4.5.5"), "sudoers", 0x1ED, 0x120, FileOwner.Root, "sudo is not installed.", CheckScope.Host),
        FileCheck.Of(Rule("CBG5249", "Tables of cron writable by others", Severity.Critical, "NIST SP 800-190 4.5.5"), "cron", 0x1ED | 0x200 | 0x10, 0x1ED, FileOwner.RootAnyGroup, "cron is not installed.", CheckScope.Host),
        FileCheck.Of(Rule("CBG5254", "System-wide profile writable by others", Severity.High, "NIST SP 800-190 4.5.5"), "profile", 0x1ED, 0x1ED, FileOwner.Root, "There is no system-wide profile.", CheckScope.Host),
        FileCheck.Of(Rule("CBG5255", "Trusted certificates writable by others", Severity.Critical, "NIST SP 800-190 4.2.1"), "trust-store", 0x1ED | 0x400, 0x1A4, FileOwner.RootAnyGroup, "There is no trust store in the usual places."),
        new(Commands, CheckScope.Host, f => HostCheckResult.Over(f.RootCommands, "", commands => JudgeCommands(f, commands))),
        new(SearchPath, CheckScope.Anywhere, f => HostCheckResult.Over(f.User, "", u => JudgeSearchPath(f, u))),
        new(Relative, CheckScope.Anywhere, f => HostCheckResult.Over(f.User, "", u => u.SearchPath.All(p => p.Length == 0) ? HostCheckResult.NotApplicable("PATH is not set.")
            : HostCheckResult.Of(u.SearchPath.Where(p => !p.StartsWith('/')).Distinct().Select(p => Relative.Found($"PATH holds {(p.Length == 0 ? "an empty part, which is the working folder" : p)}: a checked-out file named like a command is run in its place.", "Take it out of PATH.", key: p)), [], "Every part is absolute."))),
        new(Programs, CheckScope.Anywhere, f => HostCheckResult.Over(f.User, "", u => JudgePrograms(f, u))),
        new(Preload, CheckScope.Host, f => HostCheckResult.Of(f.Group("preload").Where(p => f.Stat(p).Found).Select(p => Preload.Found(
            $"{p} loads a library into every program of this host; attackers hide that way.", "Look at what it names; remove the file unless you put it there.", p)), f.Group("preload").Select(p => f.Stat(p).Problem).OfType<string>().Concat(f.Incomplete), "There is no /etc/ld.so.preload.")),
        new(Umask, CheckScope.Anywhere, f => HostCheckResult.Over(f.User, "", u => u.Umask is not { } mask ? HostCheckResult.NotApplicable("There is no process whose umask counts.")
            : HostCheckResult.Of((mask & 0x2) == 0 ? [Umask.Found($"The umask is {Convert.ToString(mask, 8).PadLeft(4, '0')}: every file that a build writes can be changed by every user.", "Run `umask 022` before the build, and set it in the agent's service.")] : [], [], "Others cannot write what a build writes."))),
        new(Sticky, CheckScope.Anywhere, f => HostCheckResult.Of(f.Group("temporary").Where(p => f.Stat(p) is { Found: true, Value: { IsDirectory: true } t } && (t.Permissions & 0x2) != 0 && (t.Permissions & 0x200) == 0).Select(p =>
            Sticky.Found($"{p} has mode {f.Stat(p).Value.Octal}: users can replace one another's temporary files.", $"Run `chmod 1777 {p}`.", p, fix: $"chmod 1777 {p}")), f.Group("temporary").Select(p => f.Stat(p).Problem).OfType<string>(), "Temporary folders are sticky.")),
    ];

    private static HostCheck Sudo(Rule rule, Func<SudoFacts, IEnumerable<Finding>> judge) => new(rule, CheckScope.Host, facts => HostCheckResult.Over(facts.Sudo, "", sudo =>
        !sudo.Present ? HostCheckResult.NotApplicable("sudo is not installed.") : HostCheckResult.Of(judge(sudo).DistinctBy(f => f.Key), sudo.Problems, "No such rule.")));

    private static string Name(string command)
    {
        var program = command.Split(' ')[0];
        return program[(program.LastIndexOf('/') + 1)..];
    }

    private static HostCheckResult JudgeCommands(HostFacts facts, ImmutableArray<RootCommand> commands)
    {
        var problems = new List<string>();
        var findings = commands.Select(c => (Command: c, Why: WritablePath.By(facts, c.Program, problems))).Where(c => c.Why is not null).DistinctBy(c => c.Command.Program).Select(c => Commands.Found(
            $"root runs {c.Command.Program} ({c.Command.Source}), and {c.Why}: whoever can write there becomes root.", "Move the program into a folder that only root can write, and correct owner and mode.", c.Command.Program, c.Command.Source)).ToArray();
        return HostCheckResult.Of(findings, problems.Take(3), $"{commands.Length} programs that root starts can be replaced by root alone.");
    }

    private static HostCheckResult JudgeSearchPath(HostFacts facts, UserFacts user)
    {
        var problems = new List<string>();
        var folders = user.SearchPath.Where(p => p.StartsWith('/')).Distinct().ToArray();
        return folders.Length == 0 ? HostCheckResult.NotApplicable("PATH is not set.")
            : HostCheckResult.Of(folders.Select(f => (Folder: f, Why: WritablePath.By(facts, f, problems, user.Uid))).Where(f => f.Why is not null).Select(f => SearchPath.Found(
                $"PATH holds {f.Folder}, and {f.Why}: another user can put a program there that this one runs.", $"Take it out of PATH, or correct owner and mode.", f.Folder)), problems, "Only root and this user can write to the folders of PATH.");
    }

    private static HostCheckResult JudgePrograms(HostFacts facts, UserFacts user) => user.SearchPath.All(p => p.Length == 0)
        ? HostCheckResult.NotApplicable("PATH is not set.")
        : HostCheckResult.Of(facts.Group("search-path-program").Where(p => facts.Stat(p) is { Found: true, Value: { IsRegular: true } file } && (file.OthersMayReplace || (file.Uid != 0 && file.Uid != user.Uid))).Select(p => Programs.Found(
            $"The program {p} on the search path has mode {facts.Stat(p).Value.Octal} and belongs to uid {facts.Stat(p).Value.Uid}: another user can change what is run.", $"Run `chown root {p}` and `chmod go-w {p}`, or reinstall it.", p, fix: $"chown root -- {Quote(p)} && chmod go-w -- {Quote(p)}")), facts.Group("search-path-program").Select(p => facts.Stat(p).Problem).OfType<string>(), "Only root and this user can change the programs of PATH.");
}
