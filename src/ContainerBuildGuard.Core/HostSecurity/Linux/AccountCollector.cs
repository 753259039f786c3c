using System.Collections.Immutable;
using System.Globalization;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>Users and groups of the local files; accounts from a directory service are not seen.</summary>
internal static class AccountCollector
{
    public static Probed<AccountFacts> Collect(HostReader host)
    {
        var users = host.Text("/etc/passwd").Select(Users);
        if (users.Found)
        {
            host.Group("home", users.Value.Where(u => u.Uid is 0 or >= 1000 and < 65534 && u.Home.Length > 1).Take(500).Select(u => u.Home));
        }

        var lingering = host.Probe.List("/var/lib/systemd/linger");
        return new AccountFacts
        {
            Users = users,
            Groups = host.Text("/etc/group").Select(Groups),
            Shadow = host.Text("/etc/shadow").Select(Shadow),
            SubordinateUids = host.Text("/etc/subuid").Select(Ranges),
            SubordinateGids = host.Text("/etc/subgid").Select(Ranges),
            Lingering = lingering.Found ? lingering.Value : [],
            PasswordMaxDays = host.Text("/etc/login.defs").Select(text => HostReader.Lines(text)
                .Select(l => l.Text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(f => f is ["PASS_MAX_DAYS", _, ..]).Select(f => Number(f[1])).LastOrDefault()),
        };
    }

    private static ImmutableArray<UserAccount> Users(string text) =>
    [
        .. from f in Records(text)
           where f.Length >= 7 && Id(f[2]) is not null && Id(f[3]) is not null
           select new UserAccount(f[0], Id(f[2])!.Value, Id(f[3])!.Value, f[5], f[6]),
    ];

    private static ImmutableArray<GroupAccount> Groups(string text) =>
    [
        .. from f in Records(text)
           where f.Length >= 4 && Id(f[2]) is not null
           select new GroupAccount(f[0], Id(f[2])!.Value, [.. f[3].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)]),
    ];

    private static ImmutableArray<ShadowAccount> Shadow(string text) =>
        [.. Records(text).Where(f => f.Length >= 5).Select(f => new ShadowAccount(f[0], Scheme(f[1]), Number(f[4])))];

    private static ImmutableArray<SubordinateRange> Ranges(string text) =>
    [
        .. from f in Records(text)
           where f.Length >= 3 && long.TryParse(f[1], NumberStyles.None, CultureInfo.InvariantCulture, out _) && long.TryParse(f[2], NumberStyles.None, CultureInfo.InvariantCulture, out _)
           select new SubordinateRange(f[0], long.Parse(f[1], CultureInfo.InvariantCulture), long.Parse(f[2], CultureInfo.InvariantCulture)),
    ];

    private static string Scheme(string hash) => hash switch
    {
        "" => "empty",
        ['!' or '*', ..] => "locked",
        ['$', '1', '$', ..] => "md5",
        ['$', '5', '$', ..] => "sha256",
        ['$', '6', '$', ..] => "sha512",
        ['$', 'y', '$', ..] or ['$', 'g', 'y', ..] => "yescrypt",
        ['$', '2', ..] => "bcrypt",
        ['$', '7', '$', ..] => "scrypt",
        ['_', ..] => "des",
        { Length: 13 } => "des",
        _ => "unknown",
    };

    private static IEnumerable<string[]> Records(string text) => HostReader.Lines(text).Select(l => l.Text.Split(':'));

    private static uint? Id(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private static int? Number(string text) => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}
