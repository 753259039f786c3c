using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>The .NET that builds: a self-contained image takes its runtime from the SDK on this machine.</summary>
internal static class DotNetChecks
{
    private const HostRoles Builders = HostRoles.Developer | HostRoles.BuildAgent;
    private const int M600 = 0x180;
    private const int M700 = 0x1C0;
    private static readonly Rule Support = Rule("CBG5010", ".NET version out of support", Severity.High, "NIST SP 800-190 4.5.3");
    private static readonly Rule Preview = Rule("CBG5300", "Preview SDK installed", Severity.Low, "NIST SP 800-190 4.5.3");
    private static readonly Rule Pin = Rule("CBG5301", "SDK version left to chance", Severity.Low, "NIST SP 800-190 4.1.2");
    private static readonly Rule Tools = Rule("CBG5310", "Tool from an unknown source", Severity.Medium, "NIST SP 800-190 4.1.5");
    private static readonly Rule Ancestors = Rule("CBG5335", "Folder above the project writable by others", Severity.High, "NIST SP 800-190 4.5.5");
    private static readonly Rule Workspace = Rule("CBG5322", "Workspace of another user", Severity.Medium, "NIST SP 800-190 4.5.5");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        new(Support, CheckScope.Anywhere, f => Over(f, d => JudgeSupport(f, d))),
        new(Preview, CheckScope.Anywhere, f => Over(f, d => d.Installs.IsEmpty ? None(d) : HostCheckResult.Of(d.Installs.Where(i => i.Version.Contains("-preview", StringComparison.Ordinal) || i.Version.Contains("-rc", StringComparison.Ordinal) || i.Version.Contains("-alpha", StringComparison.Ordinal))
            .Select(i => Preview.Found($"The .NET {i.Kind} {i.Version} in {i.Root} is a preview, which gets no security fixes.", "Remove it, or keep it off the machine that publishes.", i.Root, $"{i.Kind} {i.Version}")), [], "Only releases."))) { Roles = Builders },
        new(Pin, CheckScope.Anywhere, f => Over(f, d => JudgePin(f, d))) { Roles = Builders },
        new(Tools, CheckScope.Anywhere, f => Over(f, JudgeTools)) { Roles = Builders },
        new(Workspace, CheckScope.Anywhere, f => HostCheckResult.Over(f.User, "", u => JudgeWorkspace(f, u))) { Roles = Builders },
        new(Ancestors, CheckScope.Anywhere, f => HostCheckResult.Over(f.User, "", u => JudgeAncestors(f, u))) { Roles = Builders },
        Files("CBG5311", ".NET installation writable by others", Severity.Critical, "dotnet-root", 0x1ED, 0x1ED, ".NET is not installed in any of its usual folders."),
        Files("CBG5312", "Global tools writable by others", Severity.High, "dotnet-tools", 0x1ED, 0x1ED, "No global tool is installed."),
        Files("CBG5313", "Development certificate readable by others", Severity.Medium, "dev-certificate", M700, M600, "There is no development certificate."),
        Files("CBG5314", "User secrets readable by others", Severity.High, "user-secrets", M700, M600, "There are no user secrets."),
        Files("CBG5318", "Data protection key readable by others", Severity.High, "data-protection-key", M700, M600, "There is no data protection key."),
    ];

    private static HostCheckResult Over(HostFacts facts, Func<DotNetFacts, HostCheckResult> judge) => HostCheckResult.Over(facts.DotNet, "", judge);

    private static HostCheckResult None(DotNetFacts dotnet) => dotnet.Problems.IsEmpty
        ? HostCheckResult.NotApplicable(".NET is not installed in any of its usual folders.") : HostCheckResult.NotChecked(string.Join("; ", dotnet.Problems) + ".");

    private static HostCheck Files(string code, string title, Severity severity, string group, int folder, int file, string absent) =>
        FileCheck.Of(Rule(code, title, severity, "NIST SP 800-190 4.5.5"), group, folder, file, FileOwner.RootOrUser, absent) with { Roles = Builders };

    private static HostCheckResult JudgeSupport(HostFacts facts, DotNetFacts dotnet)
    {
        if (dotnet.Installs.IsEmpty)
        {
            return None(dotnet);
        }

        var today = DateOnly.FromDateTime(facts.Collected.UtcDateTime);
        string[] problems =
        [
            .. dotnet.Problems.Where(p => p.Contains("dotnet", StringComparison.Ordinal)),
            .. dotnet.Installs.Where(i => DotNetReleases.EndOfSupportOf(i.Version) is null).Select(i => $"the end of support of .NET {i.Kind} {i.Version} is not known to this version of the guard"),
        ];
        return HostCheckResult.Of(dotnet.Installs.Where(i => DotNetReleases.EndOfSupportOf(i.Version) < today).Select(i => Support.Found(
            $"The .NET {i.Kind} {i.Version} in {i.Root} is out of support since {DotNetReleases.EndOfSupportOf(i.Version):yyyy-MM-dd} and gets no security fixes.",
            "Install a supported .NET, move TargetFramework and global.json to it, and remove this one (with the package manager, or `dotnet-core-uninstall`).", i.Root, $"{i.Kind} {i.Version}")),
            problems, $"All in support: {List(dotnet.Installs.Select(i => $"{i.Kind} {i.Version}"))}.");
    }

    private static HostCheckResult JudgePin(HostFacts facts, DotNetFacts dotnet)
    {
        if (facts.User is not { Found: true, Value.Workspace.Length: > 0 } || dotnet.Installs.IsEmpty)
        {
            return HostCheckResult.NotApplicable("Nothing is built here.");
        }

        return dotnet.GlobalJson.Problem is { } problem ? HostCheckResult.NotChecked(problem + ".")
            : HostCheckResult.Of(dotnet.GlobalJson switch
            {
                { Found: false } => [Pin.Found("No global.json stands at or above the working folder: whichever SDK is newest builds the image.", "Run `dotnet new globaljson --sdk-version VERSION --roll-forward latestPatch`.", key: "missing", severity: Severity.Info)],
                { Value: { Version: null } json } => [Pin.Found($"{json.Path} names no SDK version.", "Write \"sdk\": { \"version\": …, \"rollForward\": \"latestPatch\" }.", json.Path, "version")],
                { Value: { RollForward: "latestMajor" or "major" } json } => [Pin.Found($"{json.Path} lets another major version of the SDK build the image (rollForward {json.RollForward}).", "Set \"rollForward\" to latestPatch or latestFeature.", json.Path, "roll")],
                { Value: { AllowPrerelease: true } json } => [Pin.Found($"{json.Path} lets previews of the SDK build the image.", "Set \"allowPrerelease\": false.", json.Path, "prerelease")],
                _ => [],
            }, [], $"{(dotnet.GlobalJson.Found ? dotnet.GlobalJson.Value.Path : "")} pins the SDK.");
    }

    private static HostCheckResult JudgeTools(DotNetFacts dotnet)
    {
        string[] known = [.. dotnet.NuGet.SelectMany(c => c.Sources).Select(s => s.Location.TrimEnd('/')), "https://api.nuget.org/v3/index.json"];
        return dotnet.Tools.IsEmpty ? HostCheckResult.NotApplicable("No global tool is installed.")
            : HostCheckResult.Of(dotnet.Tools.Where(t => t.Source is null || t.Source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || !known.Contains(t.Source.TrimEnd('/'), StringComparer.OrdinalIgnoreCase)).Select(t => Tools.Found(
                $"The global tool {t.Name} {t.Version} came from {t.Source ?? "a place that NuGet did not note"}, which is none of the configured sources.", $"Run `dotnet tool uninstall --global {t.Name}` and install it from a source that you trust; prefer a tool manifest with pinned versions.", key: t.Name)), [], "Every global tool came from a configured source.");
    }

    private static HostCheckResult JudgeWorkspace(HostFacts facts, UserFacts user)
    {
        var folder = user.Workspace.Length == 0 ? Probed<HostFile>.Absent : facts.Stat(user.Workspace);
        return HostCheckResult.Over(folder, "Nothing is built here.", file => HostCheckResult.Of(file.Uid != user.Uid
            ? [Workspace.Found($"The workspace {user.Workspace} belongs to uid {file.Uid} and the build runs as uid {user.Uid}: its owner decides what this user runs.", $"Check out as the user that builds, or run `chown --recursive {user.Uid} {user.Workspace}`.", user.Workspace)] : [], [], $"{user.Workspace} belongs to the user that builds."));
    }

    private static HostCheckResult JudgeAncestors(HostFacts facts, UserFacts user)
    {
        var folders = facts.Group("build-ancestor").Select(p => (Path: p, File: facts.Stat(p))).ToArray();
        return folders.Length == 0 ? HostCheckResult.NotApplicable("Nothing is built here.")
            // A sticky folder lets others add files, and MSBuild and NuGet take what they find on the way up.
            : HostCheckResult.Of(folders.Where(f => f.File is { Found: true, Value: var file } && ((file.Permissions & 0x2) != 0 || (file.Uid != 0 && file.Uid != user.Uid))).Select(f => Ancestors.Found(
                $"{f.Path} {((f.File.Value.Permissions & 0x2) != 0 ? $"has mode {f.File.Value.Octal}" : $"belongs to uid {f.File.Value.Uid}")}: a Directory.Build.props, global.json or NuGet.config that another user leaves there is part of this build.",
                "Build below a folder that only root and the build user can write.", f.Path)), folders.Select(f => f.File.Problem).OfType<string>(), "Only root and this user can write above the project.");
    }
}
