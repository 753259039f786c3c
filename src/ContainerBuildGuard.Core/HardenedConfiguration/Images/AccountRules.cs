using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using static ContainerBuildGuard.HardenedConfiguration.ImageRule;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Accounts of the image: groups, passwords, sudo.</summary>
internal static class AccountRules
{
    private const string OtherBase = "Take a base without accounts to log in to: <ContainerFamily>noble-chiseled</ContainerFamily>, or lock them in the base (passwd -l).";

    public static Rule RootGroup { get; } = Descriptor("CBG2016", "App runs in root's group", Severity.Low, "CIS Docker 4.1");
    public static Rule SecondRoot { get; } = Descriptor("CBG2017", "Another account has root's id", Severity.High, "CIS Docker 4.1", "NIST SP 800-190 4.1.2");
    public static Rule EmptyPassword { get; } = Descriptor("CBG2018", "Account has no password", Severity.High, "NIST SP 800-190 4.1.2");
    public static Rule PasswordHash { get; } = Descriptor("CBG2019", "Account has a password", Severity.Medium, "CIS Docker 4.10", "NIST SP 800-190 4.1.4");
    public static Rule SharedId { get; } = Descriptor("CBG2020", "Accounts share an id", Severity.Low, "CIS Docker 4.1");
    public static Rule Sudo { get; } = Descriptor("CBG2021", "Image lets users become root", Severity.Medium, "CIS Docker 4.8", "NIST SP 800-190 4.1.2");

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(RootGroup, f => f.Config.User.Split(':') is [not ("" or "0" or "root"), "0" or "root"]
            ? [new ImageHit($"The image runs as '{f.Config.User}', in the group of root, which owns many files.", "Set <ContainerUser>1654:1654</ContainerUser>, or name no group.")] : []),
        new(SecondRoot, f => FileFacts.AccountsOf(f.Contents, FileFacts.User).Where(a => a is { Id: 0, Name: not "root" }).Select(a => new ImageHit($"The account '{a.Name}' has the id 0: it is root under another name.", "Take the account away, or give it an id of its own.") { Entry = a.Entry, Key = a.Name })),
        new(EmptyPassword, f => f.Contents.Where(c => c.Kind == FileFacts.EmptyPassword).Select(c => new ImageHit($"The account '{c.Detail}' can be taken without a password.", OtherBase) { Entry = c.Entry, Key = c.Detail })),
        new(PasswordHash, f => f.Contents.Where(c => c.Kind == FileFacts.PasswordHash).Select(c => new ImageHit($"The account '{c.Detail}' has a password, whose hash everybody who can pull the image can try to break.", OtherBase) { Entry = c.Entry, Key = c.Detail })),
        new(SharedId, f => new[] { FileFacts.User, FileFacts.Group }.SelectMany(kind => FileFacts.AccountsOf(f.Contents, kind).Where(a => a.Id != 0).GroupBy(a => a.Id).Where(g => g.Select(a => a.Name).Distinct().Count() > 1)
            .Select(g => new ImageHit($"The {kind}s {string.Join(" and ", g.Select(a => $"'{a.Name}'").Distinct())} share the id {g.Key}: each owns the other's files.", "Give each an id of its own.") { Entry = g.Last().Entry, Key = $"{kind} {g.Key}" }))),
        new(Sudo, f => Programs.Find(f, "sudo", "doas", "su-exec", "gosu").Where(p => p.Name is "sudo" or "doas").Select(p => new ImageHit($"The image holds {p.Name}, with which users become root.", "Take the package out of the base; the app needs no other user than its own.") { Entry = p })
            .Concat(f.Contents.Where(c => c.Kind == FileFacts.NoPasswordSudo).Select(c => new ImageHit($"'{c.Detail}' may become root without a password.", "Take the line out of sudoers.") { Entry = c.Entry, Severity = Severity.High, Key = c.Detail }))),
    ];
}

/// <summary>Finds programs where a shell would.</summary>
internal static class Programs
{
    private static readonly string[] Folders = ["bin", "usr/bin", "usr/local/bin", "sbin", "usr/sbin", "usr/local/sbin"];

    /// <summary>The first place of each program; on merged-/usr systems the same program has two.</summary>
    public static IEnumerable<LayerEntry> Find(HardeningFacts facts, params IEnumerable<string> names) =>
        names.Select(n => Folders.Select(f => facts.Find($"{f}/{n}")).FirstOrDefault(e => e is not null && e.Type != EntryType.Directory)).OfType<LayerEntry>();
}
