using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Puts every CBG24xx rule to the containers of an engine, stopped ones included.</summary>
public static class ContainerAudit
{
    internal static IReadOnlyList<ContainerRule> Rules { get; } = [.. PrivilegeRules.All.Concat(SurroundingsRules.All).Concat(ContentRules.All).OrderBy(r => r.Rule.Code, StringComparer.Ordinal)];

    /// <param name="endpoint">The engine.</param>
    /// <param name="policy">Judges.</param>
    /// <param name="trust">Says of a <c>registry/repository@digest</c> whether it is signed as the policy asks; null where the policy asks nothing.</param>
    /// <param name="time">Judges expiries by it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="GuardException">CBG9005, CBG9006: the engine cannot be asked.</exception>
    public static async Task<GuardResult> RunAsync(EngineEndpoint endpoint, Policy policy, Func<string, CancellationToken, Task<ImageTrust>>? trust, TimeProvider time, CancellationToken cancellationToken)
    {
        using var reader = new ContainerReader(endpoint, trust is null ? null : new ImageTrustQuestions(trust, TimeSpan.FromSeconds(30)));
        await reader.OpenAsync(cancellationToken);
        var (containers, gone) = await reader.ReadAllAsync(cancellationToken);
        return Judge(endpoint, containers, gone, policy, time);
    }

    /// <summary>
    /// The audit of all containers, and then of each one that is created or started, as soon as the engine says so, until cancelled. The engine is asked for what happened since before
    /// the list was made, so that a container that comes in between is told of twice and never missed.
    /// </summary>
    /// <inheritdoc cref="RunAsync" path="/param"/>
    /// <exception cref="GuardException">CBG9005, CBG9006: the engine cannot be asked, or has gone away.</exception>
    public static async IAsyncEnumerable<GuardResult> WatchAsync(EngineEndpoint endpoint, Policy policy, Func<string, CancellationToken, Task<ImageTrust>>? trust, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A report is due within a second: a registry that is slower is waited for in the background.
        using var reader = new ContainerReader(endpoint, trust is null ? null : new ImageTrustQuestions(trust, TimeSpan.FromMilliseconds(500)));
        var before = await reader.OpenAsync(cancellationToken);
        var (containers, gone) = await reader.ReadAllAsync(cancellationToken);
        yield return Judge(endpoint, containers, gone, policy, time);
        await foreach (var id in reader.NewAsync(before, cancellationToken))
        {
            yield return await reader.ReadAsync(id, cancellationToken) is { } container
                ? Judge(endpoint, [container], 0, policy, time)
                : Judge(endpoint, [], 1, policy, time);
        }
    }

    internal static GuardResult Judge(EngineEndpoint endpoint, IReadOnlyList<RunningContainer> containers, int gone, Policy policy, TimeProvider time)
    {
        var findings = new List<Finding>();
        var checks = Rules.Select(r => Ask(r, containers, gone, findings)).ToImmutableArray();
        var judged = PolicyJudge.Judge(policy, findings, [], time);
        return new GuardResult
        {
            Reference = endpoint.Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.Unescaped),
            Verdict = judged.Verdict,
            Controls = [Control.HardenedConfiguration],
            Findings = judged.Findings,
            Refusing = judged.Refusing,
            Checks = checks,
            Asked = string.Create(CultureInfo.InvariantCulture, $"{Rules.Count} rules asked of {containers.Count} containers; {gone} were gone or not told of before they could be asked"),
        };
    }

    private static AuditCheck Ask(ContainerRule rule, IReadOnlyList<RunningContainer> containers, int gone, List<Finding> findings)
    {
        var subjects = containers.Where(rule.Applies).ToList();
        var (unasked, before) = (gone, findings.Count);
        foreach (var container in subjects)
        {
            if (rule.Question(container) is { } hits)
            {
                findings.AddRange(hits.Select(h => ToFinding(rule.Rule, container, h)));
            }
            else
            {
                unasked++;
            }
        }

        var found = findings.Count - before;
        if (subjects.Count + gone == 0)
        {
            return new AuditCheck(rule.Rule, AuditOutcome.NotApplicable, containers.Count == 0 ? "There is no container that it could be asked of." : rule.Otherwise);
        }

        var reason = string.Create(CultureInfo.InvariantCulture, $"Asked of {subjects.Count + gone - unasked} containers; {found} findings.{(unasked > 0 ? $" {unasked} could not be asked{(rule.Needs.Length > 0 ? $": {rule.Needs}" : "")}." : "")}");
        return new AuditCheck(rule.Rule, found > 0 ? AuditOutcome.Failed : unasked > 0 ? AuditOutcome.NotChecked : AuditOutcome.Passed, reason);
    }

    private static Finding ToFinding(Rule rule, RunningContainer container, ContainerHit hit) => new()
    {
        Rule = rule,
        Severity = hit.Severity ?? rule.DefaultSeverity,
        Message = $"Container '{container.Name}' {hit.Message}.",
        Remedy = hit.Remedy,
        Location = new Location { Path = container.Name },
        Key = hit.Key,
    };
}
