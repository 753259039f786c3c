using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>Puts every CBG24xx rule to the containers of an engine, stopped ones included.</summary>
public static class ContainerAudit
{
    internal static IReadOnlyList<ContainerRule> Rules { get; } = [.. PrivilegeRules.All.Concat(SurroundingsRules.All).Concat(ContentRules.All).OrderBy(r => r.Rule.Code, StringComparer.Ordinal)];

    /// <exception cref="GuardException">CBG9005, CBG9006: the engine cannot be asked.</exception>
    public static async Task<GuardResult> RunAsync(EngineAddress address, Policy policy, TimeProvider time, CancellationToken cancellationToken)
    {
        using var engine = new EngineApi(address);
        var (info, podman) = await EngineAsync(engine, cancellationToken);
        var list = await engine.GetAsync("containers/json?all=1", cancellationToken) ?? default;
        var containers = new List<RunningContainer>();
        var gone = 0;
        foreach (var id in list.ValueKind == JsonValueKind.Array ? list.EnumerateArray().Select(c => c.Text("Id")).OfType<string>() : [])
        {
            if (await ReadAsync(engine, info, podman, id, cancellationToken) is { } container)
            {
                containers.Add(container);
            }
            else
            {
                gone++;
            }
        }

        return Judge(address, containers, gone, policy, time);
    }

    /// <summary>Judges each container that is created or started, as soon as the engine says so, until cancelled.</summary>
    public static async IAsyncEnumerable<GuardResult> WatchAsync(EngineAddress address, Policy policy, TimeProvider time, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var engine = new EngineApi(address);
        var (info, podman) = await EngineAsync(engine, cancellationToken);
        await foreach (var id in engine.NewContainersAsync(cancellationToken))
        {
            yield return await ReadAsync(engine, info, podman, id, cancellationToken) is { } container
                ? Judge(address, [container], 0, policy, time)
                : Judge(address, [], 1, policy, time);
        }
    }

    internal static GuardResult Judge(EngineAddress address, IReadOnlyList<RunningContainer> containers, int gone, Policy policy, TimeProvider time)
    {
        var findings = new List<Finding>();
        var checks = Rules.Select(r => Ask(r, containers, gone, findings)).ToImmutableArray();
        var judged = PolicyJudge.Judge(policy, findings, [], time);
        return new GuardResult
        {
            Reference = address.Uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.Unescaped),
            Verdict = judged.Verdict,
            Controls = [Control.HardenedConfiguration],
            Findings = judged.Findings,
            Refusing = judged.Refusing,
            Checks = checks,
            Asked = string.Create(CultureInfo.InvariantCulture, $"{Rules.Count} rules asked of {containers.Count} containers; {gone} were gone before they could be asked"),
        };
    }

    private static AuditCheck Ask(ContainerRule rule, IReadOnlyList<RunningContainer> containers, int gone, List<Finding> findings)
    {
        var (unasked, before) = (gone, findings.Count);
        foreach (var container in containers)
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
        var reason = string.Create(CultureInfo.InvariantCulture, $"Asked of {containers.Count + gone - unasked} containers; {found} findings.{(unasked > 0 ? $" {unasked} could not be asked{(rule.Needs.Length > 0 ? $": {rule.Needs}" : "")}." : "")}");
        return new AuditCheck(rule.Rule, found > 0 ? AuditOutcome.Failed : unasked > 0 ? AuditOutcome.NotChecked : containers.Count == 0 ? AuditOutcome.NotApplicable : AuditOutcome.Passed, reason);
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

    private static async Task<(JsonElement Info, bool IsPodman)> EngineAsync(EngineApi engine, CancellationToken cancellationToken)
    {
        var version = await engine.GetAsync("version", cancellationToken) ?? default;
        return (await engine.GetAsync("info", cancellationToken) ?? default, version.Items("Components").Any(c => c.Text("Name")?.StartsWith("Podman", StringComparison.Ordinal) == true));
    }

    /// <summary>Everything that rules ask about one container; null where it is gone.</summary>
    private static async Task<RunningContainer?> ReadAsync(EngineApi engine, JsonElement info, bool podman, string id, CancellationToken cancellationToken)
    {
        if (await engine.GetAsync($"containers/{id}/json", cancellationToken) is not { } inspect)
        {
            return null;
        }

        var top = inspect.Flag("State", "Running") ? await Optional($"containers/{id}/top") : null;
        var changes = await Optional($"containers/{id}/changes");
        var executions = new List<JsonElement>();
        foreach (var execution in inspect.Texts("ExecIDs"))
        {
            if (await Optional($"exec/{execution}/json") is { } exec)
            {
                executions.Add(exec);
            }
        }

        var image = inspect.Text("Config", "Image") is { Length: > 0 } name ? await Optional($"images/{Uri.EscapeDataString(name).Replace("%2F", "/", StringComparison.Ordinal)}/json") : null;
        return new RunningContainer(inspect, info)
        {
            Processes = top is { } processes ? [.. processes.Items("Processes").Select(p => string.Join(' ', p.EnumerateArray().Select(f => f.ToString())))] : null,
            // An engine that sees no change answers null.
            Changes = changes is { } changed ? changed.ValueKind == JsonValueKind.Array ? [.. changed.EnumerateArray().Select(c => (c.Text("Path") ?? "", c.Number("Kind")))] : [] : null,
            Executions = executions,
            IsPodman = podman,
            CreateCommand = podman && (await Optional($"v4.0.0/libpod/containers/{id}/json"))?.Texts("Config", "CreateCommand") is { Count: > 0 } command ? command : null,
            NamedImageId = image?.Text("Id"),
        };

        // What an engine cannot answer of one container (no ps on the host, a driver without changes) is not the end of the audit.
        async Task<JsonElement?> Optional(string path)
        {
            try
            {
                return await engine.GetAsync(path, cancellationToken);
            }
            catch (GuardException)
            {
                return null;
            }
        }
    }
}
