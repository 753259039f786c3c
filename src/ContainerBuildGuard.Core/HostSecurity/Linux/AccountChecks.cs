using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>Accounts of the local files: who is root by another name, and whose password is none.</summary>
internal static class AccountChecks
{
    private const int MostPasswordDays = 365;
    private static readonly string[] RootGroups = ["lxd", "incus", "incus-admin", "libvirt", "disk", "shadow", "kmem", "podman"];
    private static readonly Rule SecondRoot = Rule("CBG5220", "Second account with uid 0", Severity.Critical, "NIST SP 800-190 4.5.4");
    private static readonly Rule EmptyPassword = Rule("CBG5221", "Account without a password", Severity.Critical, "NIST SP 800-190 4.5.4");
    private static readonly Rule OldHash = Rule("CBG5222", "Password stored with an old hash", Severity.Medium, "NIST SP 800-190 4.5.4");
    private static readonly Rule Ageing = Rule("CBG5224", "Passwords never expire", Severity.Info, "NIST SP 800-190 4.5.4");
    private static readonly Rule ServiceLogin = Rule("CBG5225", "Service account can log in with a password", Severity.Medium, "NIST SP 800-190 4.5.4");
    private static readonly Rule Duplicate = Rule("CBG5226", "Two accounts share a uid", Severity.Medium, "NIST SP 800-190 4.5.4");
    private static readonly Rule RootLike = Rule("CBG5228", "User in a group that equals root", Severity.Medium, "NIST SP 800-190 4.5.4");
    private static readonly Rule Homes = Rule("CBG5229", "Home folder writable by others", Severity.High, "NIST SP 800-190 4.5.5");
    private static readonly Rule HostTrust = Rule("CBG5256", "Host-based trust of the r-commands", Severity.High, "NIST SP 800-190 4.5.4");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        Users(SecondRoot, u => u.Where(a => a.Uid == 0 && a.Name != "root").Select(a => SecondRoot.Found($"The account {a.Name} has uid 0: it is root under another name.", $"Give {a.Name} a uid of its own, or run `userdel {a.Name}`.", "/etc/passwd", a.Name)), "Only root has uid 0."),
        Shadow(EmptyPassword, (s, _) => s.Where(a => a.Scheme == "empty").Select(a => EmptyPassword.Found($"The account {a.Name} has no password: everyone is let in.", $"Run `passwd --lock {a.Name}`.", "/etc/shadow", a.Name, fix: $"passwd --lock {Quote(a.Name)}")), "No account has an empty password."),
        Shadow(OldHash, (s, _) => s.Where(a => a.Scheme is "md5" or "des").Select(a => OldHash.Found($"The password of {a.Name} is stored as {a.Scheme}, which is guessed quickly once the file is read.", $"Set ENCRYPT_METHOD YESCRYPT (or SHA512) in /etc/login.defs and run `passwd {a.Name}`.", "/etc/shadow", a.Name)), "No password has an old hash."),
        Shadow(Ageing, (s, accounts) => s.Where(a => HasPassword(a) && !(a.MaxDays <= MostPasswordDays)).Select(a => a.Name).ToArray() is { Length: > 0 } names
            ? [Ageing.Found($"Passwords of {List(names, 5)} never expire (PASS_MAX_DAYS {(accounts.PasswordMaxDays is { Found: true, Value: { } d } ? d : 99999)}).", "Prefer keys to passwords; else set PASS_MAX_DAYS 365 in /etc/login.defs and run `chage --maxdays 365 USER`.", "/etc/login.defs")] : [], "No account has a password that never expires.") with { Roles = HostRoles.ContainerHost | HostRoles.BuildAgent },
        Shadow(ServiceLogin, (s, accounts) => (accounts.Users.Found ? accounts.Users.Value : []).Where(u => u.Uid is > 0 and < 1000 && !IsNoShell(u.Shell) && s.Any(a => a.Name == u.Name && HasPassword(a)))
            .Select(u => ServiceLogin.Found($"The service account {u.Name} has a password and a shell ({u.Shell}).", $"Run `usermod --lock --shell /usr/sbin/nologin {u.Name}`.", "/etc/passwd", u.Name, fix: $"usermod --lock --shell /usr/sbin/nologin {Quote(u.Name)}")), "No service account has both a password and a shell."),
        Users(Duplicate, u => u.GroupBy(a => a.Uid).Where(g => g.Key != 0 && g.Count() > 1).Select(g => Duplicate.Found($"The accounts {string.Join(", ", g.Select(a => a.Name))} share uid {g.Key}: one is the other.", "Give each account a uid of its own.", "/etc/passwd", $"{g.Key}")), "Every account has a uid of its own."),
        new(RootLike, CheckScope.Host, f => HostCheckResult.Over(f.Accounts, "", a => !a.Groups.Found ? HostCheckResult.NotChecked((a.Groups.Problem ?? "/etc/group does not exist") + ".")
            : HostCheckResult.Of(a.Groups.Value.Where(g => RootGroups.Contains(g.Name)).SelectMany(g => g.Members.Where(m => m != "root").Select(m => RootLike.Found(
                $"User {m} is in the group {g.Name}, whose members can become root.", $"Run `gpasswd --delete {m} {g.Name}`.", "/etc/group", $"{m} {g.Name}", fix: $"gpasswd --delete {Quote(m)} {Quote(g.Name)}"))), [], "No such group has a member."))),
        FileCheck.Of(Rule("CBG5223", "Account files writable by others", Severity.Critical, "NIST SP 800-190 4.5.5"), "passwd", 0x1ED, 0x1A4, FileOwner.Root, "There is no /etc/passwd.", CheckScope.Host),
        FileCheck.Of(Rule("CBG5227", "Password hashes readable by others", Severity.Critical, "NIST SP 800-190 4.5.5"), "shadow", 0x1ED, 0x1A0, FileOwner.RootAnyGroup, "There is no /etc/shadow.", CheckScope.Host),
        FileCheck.Of(Rule("CBG5119", "Subordinate id files writable by others", Severity.High, "NIST SP 800-190 4.5.5"), "subordinate", 0x1ED, 0x1A4, FileOwner.Root, "There is no /etc/subuid.", CheckScope.Host),
        new(Homes, CheckScope.Host, f => HostCheckResult.Over(f.Accounts, "", _ => JudgeHomes(f))),
        new(HostTrust, CheckScope.Host, f => HostCheckResult.Of(f.Group("host-trust").Where(p => f.Stat(p).Found).Select(p => HostTrust.Found($"{p} lets users of other hosts in without a password.", $"Run `rm {p}`.", p, fix: $"rm -- {Quote(p)}")), f.Group("host-trust").Select(p => f.Stat(p).Problem).OfType<string>().Concat(f.Incomplete), "There is no hosts.equiv and no .rhosts.")),
        FileCheck.Of(Rule("CBG5257", "authorized_keys writable by others", Severity.High, "NIST SP 800-190 4.5.4"), "authorized-keys", 0x1C0, 0x1A4, FileOwner.RootOrUser, "There are no authorized keys."),
    ];


    private static HostCheckResult JudgeHomes(HostFacts facts)
    {
        var homes = facts.Group("home").Select(p => (Path: p, File: facts.Stat(p))).ToArray();
        return HostCheckResult.Of(
            homes.Where(h => h.File is { Found: true, Value.IsDirectory: true } && (h.File.Value.Permissions & 0x12) != 0).Select(h => Homes.Found(
                $"The home folder {h.Path} has mode {h.File.Value.Octal}: others can put a shell profile, an SSH key or a NuGet.config into it.", $"Run `chmod go-w {h.Path}`.", h.Path, "mode", fix: $"chmod go-w -- {Quote(h.Path)}")),
            homes.Select(h => h.File.Problem).OfType<string>(), "Only owners can write into their homes.");
    }

    private static bool HasPassword(ShadowAccount account) => account.Scheme is not ("locked" or "empty");

    private static bool IsNoShell(string shell) => shell.EndsWith("/nologin", StringComparison.Ordinal) || shell.EndsWith("/false", StringComparison.Ordinal) || shell.EndsWith("/sync", StringComparison.Ordinal);

    private static HostCheck Users(Rule rule, Func<ImmutableArray<UserAccount>, IEnumerable<Finding>> judge, string passed) => new(rule, CheckScope.Host, facts => HostCheckResult.Over(facts.Accounts, "", a =>
        a.Users.Found ? HostCheckResult.Of(judge(a.Users.Value), [], passed) : HostCheckResult.NotChecked((a.Users.Problem ?? "/etc/passwd does not exist") + ".")));

    private static HostCheck Shadow(Rule rule, Func<ImmutableArray<ShadowAccount>, AccountFacts, IEnumerable<Finding>> judge, string passed) => new(rule, CheckScope.Host, facts => HostCheckResult.Over(facts.Accounts, "", a =>
        a.Shadow.Found ? HostCheckResult.Of(judge(a.Shadow.Value, a), [], passed) : HostCheckResult.NotChecked((a.Shadow.Problem ?? "/etc/shadow does not exist") + ".")));
}
