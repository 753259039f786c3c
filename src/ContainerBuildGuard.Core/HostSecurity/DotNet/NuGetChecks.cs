using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>The chain of NuGet.config files: from where packages come into the image, and with whose password.</summary>
internal static class NuGetChecks
{
    private static readonly Rule ClearText = Rule("CBG5302", "NuGet password in clear", Severity.High, "NIST SP 800-190 4.5.4");
    private static readonly Rule Http = Rule("CBG5303", "NuGet source without TLS", Severity.High, "NIST SP 800-190 4.2.1");
    private static readonly Rule Mapping = Rule("CBG5304", "Several NuGet sources without a mapping", Severity.Medium, "NIST SP 800-190 4.1.5");
    private static readonly Rule Signatures = Rule("CBG5305", "Package signatures not required", Severity.Low, "NIST SP 800-190 4.1.5");
    private static readonly Rule AuditSources = Rule("CBG5306", "NuGet audit has no source", Severity.Low, "NIST SP 800-190 4.1.1");
    private static readonly Rule Local = Rule("CBG5307", "Local package source writable by others", Severity.High, "NIST SP 800-190 4.1.5");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        Chain(ClearText, (_, c) => c.SelectMany(f => f.ClearTextPasswords.Select(name => ClearText.Found($"{f.Path} holds the password of the source {name} in clear.",
            "Use the Azure Artifacts credential provider or %VARIABLE% in its place, take the password out, and renew it.", f.Path, name))), "No configuration holds a password in clear."),
        Chain(Http, (_, c) => c.SelectMany(f => f.Sources.Where(s => s.Location.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !Docker.Loopback.Is(Docker.Loopback.HostOf(s.Location)) || s.AllowInsecure).Select(s =>
            Http.Found($"The NuGet source {s.Name} ({s.Location}) is used without TLS: whoever sits between can put code into the image.", "Give the source https:// and take allowInsecureConnections out.", f.Path, s.Name))), "Every source has TLS."),
        Chain(Mapping, (_, c) => c.SelectMany(f => f.Sources).Where(s => !IsFolder(s.Location)).DistinctBy(s => s.Location).Count() > 1 && !c.Any(f => f.Mapping)
            ? [Mapping.Found($"Packages may come from {List(c.SelectMany(f => f.Sources).Where(s => !IsFolder(s.Location)).Select(s => s.Name).Distinct())}, whichever has the higher version: a public package can take the place of your own.", "Write <packageSourceMapping> with a pattern for your packages.", c.First(f => f.Sources.Length > 0).Path, "mapping")] : [], "One source, or a mapping."),
        Chain(Signatures, (_, c) => c.Any(f => f.SignatureValidation?.Equals("require", StringComparison.OrdinalIgnoreCase) == true) ? []
            : [Signatures.Found("NuGet accepts packages without a trusted signature (signatureValidationMode is not require).", "Run `dotnet nuget trust` for the owners you use and set <add key=\"signatureValidationMode\" value=\"require\" /> in <config>.", c[0].Path, "mode")], "Signatures are required."),
        Chain(AuditSources, (_, c) => c.Any(f => f.AuditSources) || c.Any(f => f.Sources.Any(s => s.Location.Contains("api.nuget.org", StringComparison.OrdinalIgnoreCase))) || !c.Any(f => f.Sources.Length > 0) ? []
            : [AuditSources.Found("No source says which packages are vulnerable: NuGet's audit finds nothing, whatever is restored.", "Write <auditSources><add key=\"nuget.org\" value=\"https://api.nuget.org/v3/index.json\" /></auditSources>.", c.First(f => f.Sources.Length > 0).Path, "audit")], "The audit has a source."),
        FileCheck.Of(Rule("CBG5308", "NuGet configuration writable by others", Severity.High, "NIST SP 800-190 4.5.5"), "nuget-config", 0x1ED, 0x1A4 | 0x10, FileOwner.RootOrUser, "There is no NuGet configuration."),
        FileCheck.Of(Rule("CBG5309", "Package cache writable by others", Severity.High, "NIST SP 800-190 4.5.5"), "nuget-cache", 0x1ED, 0x1ED, FileOwner.RootOrUser, "There is no package cache."),
        Chain(Local, JudgeLocal, "Only root and this user can write to local sources."),
    ];

    private static bool IsFolder(string location) => !location.Contains("://", StringComparison.Ordinal);

    private static HostCheck Chain(Rule rule, Func<HostFacts, ImmutableArray<NuGetConfiguration>, IEnumerable<Finding>> judge, string passed) => new(rule, CheckScope.Anywhere, facts => HostCheckResult.Over(facts.DotNet, "", dotnet =>
    {
        string[] problems = [.. dotnet.Problems.Where(p => p.Contains("uget", StringComparison.OrdinalIgnoreCase))];
        return dotnet.NuGet.IsEmpty && problems.Length == 0 ? HostCheckResult.NotApplicable("There is no NuGet configuration; NuGet's defaults are nuget.org over TLS.")
            : HostCheckResult.Of(dotnet.NuGet.IsEmpty ? [] : judge(facts, dotnet.NuGet), problems, passed);
    })) { Roles = HostRoles.Developer | HostRoles.BuildAgent };

    private static IEnumerable<Finding> JudgeLocal(HostFacts facts, ImmutableArray<NuGetConfiguration> chain) =>
        from file in chain
        from source in file.Sources
        where source.Location.StartsWith('/') && facts.Stat(source.Location) is { Found: true, Value: var folder } && folder.OthersMayReplace
        select Local.Found($"Packages come from the folder {source.Location}, which has mode {facts.Stat(source.Location).Value.Octal}: another user can put code into the image.", $"Run `chmod go-w {source.Location}`.", source.Location, source.Name, fix: $"chmod go-w -- {Quote(source.Location)}");
}
