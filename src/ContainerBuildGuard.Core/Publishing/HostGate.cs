using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity;
using ContainerBuildGuard.HostSecurity.Facts;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Publishing;

/// <summary>What a publish says of the machine that it runs on: one line, and no delivery where the project asks for that.</summary>
internal static class HostGate
{
    /// <exception cref="GuardException">Not a value of the property (CBG9009).</exception>
    public static async Task<Finding?> FindAsync(PublishRequest request, Policy policy, CancellationToken cancellationToken)
    {
        var mode = request.Host.ToLowerInvariant();
        if (mode is not ("" or "off" or "warn" or "error"))
        {
            throw new GuardException(GuardRules.InvalidOption.Code, GuardFailure.Input, $"ContainerBuildGuardHost is '{request.Host}': set it to off, warn or error.");
        }

        if (mode == "off" || !OperatingSystem.IsLinux())
        {
            return null;
        }

        var cache = request.UseCache && FactCache.DefaultFolder() is { } layers ? Path.Combine(Path.GetDirectoryName(layers)!, "host") : null;
        var facts = await HostFactsCache.GetAsync(new LocalHostProbe(request.ProjectDirectory), cache, request.Time, cancellationToken);
        var profile = HostProfiles.TryParse(policy.HostProfile ?? "", out var named) ? named : HostProfile.BuildAgent;
        var report = HostReport.Of(facts, policy, profile, request.Time, default);
        return report.Result.Refusing.IsEmpty ? null : Summary(report, mode == "error");
    }

    /// <summary>The image's findings with that of the machine; the verdict is refused where the project asks for it.</summary>
    public static GuardResult Add(GuardResult result, Finding? finding, PublishRequest request, Policy policy)
    {
        if (finding is null)
        {
            return result;
        }

        // A threshold of none for the whole publish must not swallow what the project asked for with `error`.
        var own = Policy.Default with { Path = policy.Path, RuleSeverities = policy.RuleSeverities, Waivers = [.. policy.Waivers.Where(w => w.Code == finding.Code)] };
        return result.With(PolicyJudge.Judge(own, [finding], [], request.Time).AlsoRefusing(request.AlsoRefuses));
    }

    private static Finding Summary(HostReport report, bool refuses)
    {
        var codes = report.Result.Refusing.Select(f => f.Code).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return new Finding
        {
            Rule = HostSecurityRules.UnsafeBuildMachine,
            Severity = refuses ? Severity.High : Severity.Low,
            Message = $"The machine that builds this image is not safe: {report.Result.Refusing.Length} findings at or above the threshold ({string.Join(", ", codes.Take(6))}{(codes.Length > 6 ? ", …" : "")}), score {report.Score} of 100.",
            Remedy = "Run `cbg audit host` for what to do; waive findings in the policy, or set ContainerBuildGuardHost to off.",
            Key = "machine",
        };
    }
}
