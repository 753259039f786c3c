using System.Collections.Immutable;
using System.Globalization;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>What to audit, and by which rules.</summary>
public sealed record DeploymentAuditRequest
{
    /// <summary>Files and folders; <c>-</c> is <see cref="StandardInput"/>.</summary>
    public required ImmutableArray<string> Paths { get; init; }

    public string StandardInput { get; init; } = "";

    /// <summary>Judge by the Pod Security Standards alone.</summary>
    public PodSecurityProfile? Profile { get; init; }

    public ComposeOptions Compose { get; init; } = new();

    /// <summary>Lay all Compose files over each other in order, as <c>docker compose -f A -f B</c> does.</summary>
    public bool MergeCompose { get; init; }
}

/// <summary>What an audit of manifests has to say before the policy judges.</summary>
/// <param name="Findings">What is wrong.</param>
/// <param name="Checks">One entry for every rule.</param>
/// <param name="Subjects">How many containers and resources were asked.</param>
/// <param name="Documents">How many documents were understood.</param>
/// <param name="Unread">How many files or documents were not.</param>
public sealed record DeploymentAuditResult(ImmutableArray<Finding> Findings, ImmutableArray<AuditCheck> Checks, int Subjects, int Documents, int Unread);

/// <summary>Puts every CBG22xx rule to everything that the files deploy.</summary>
public static class DeploymentAudit
{
    /// <summary>The longest text that is read, in characters.</summary>
    public const int MostCharacters = YamlReader.MostCharacters;

    private const int MostFindingsPerRule = 2000;

    public static DeploymentAuditResult Run(DeploymentAuditRequest request, CancellationToken cancellationToken) => Run(request, out _, cancellationToken);

    internal static DeploymentAuditResult Run(DeploymentAuditRequest request, out IReadOnlyList<Fix> fixes, CancellationToken cancellationToken)
    {
        var set = ManifestReader.Read(request, cancellationToken);
        var (rules, asked) = request.Profile is { } profile ? (PodSecurityRules(profile), set.Workloads.Count(w => w.Pod is not null)) : (DeploymentRules.All, set.Workloads.Sum(w => w.Containers.Count) + set.Resources.Count);
        var findings = new List<Finding>();
        var edits = new List<Fix>();
        var checks = ImmutableArray.CreateBuilder<AuditCheck>();
        foreach (var group in rules.GroupBy(r => r.Rule.Code))
        {
            cancellationToken.ThrowIfCancellationRequested();
            checks.Add(Ask([.. group], set, findings, edits));
        }

        var unread = set.Problems.Where(p => !p.StillChecked).ToList();
        findings.AddRange(set.Problems.Where(p => !p.StillChecked || request.Profile is null && !p.Reason.Contains("stands twice", StringComparison.Ordinal)).Select(p => ToFinding(p)));
        findings.AddRange(set.UnknownKinds.Select(p => ToFinding(p)));
        checks.Insert(0, new AuditCheck(DeploymentRules.Unread, unread.Count > 0 || set.Documents == 0 ? AuditOutcome.NotChecked : AuditOutcome.Passed,
            string.Create(CultureInfo.InvariantCulture, $"{set.Documents} documents were read, {unread.Count} were not or not in full, {set.UnknownKinds.Count} are of kinds that no rule knows.")));
        fixes = edits;
        return new DeploymentAuditResult([.. findings], checks.ToImmutable(), asked, set.Documents, unread.Count);
    }

    private static AuditCheck Ask(IReadOnlyList<DeploymentRule> rules, DeploymentSet set, List<Finding> findings, List<Fix> edits)
    {
        var (rule, subjects, found) = (rules[0].Rule, 0, 0);
        foreach (var (question, subject) in rules.SelectMany(r => r.Subjects(set).Select(s => (r, s))))
        {
            subjects++;
            foreach (var hit in question.Check(subject))
            {
                if (++found <= MostFindingsPerRule)
                {
                    findings.Add(ToFinding(question.Rule, hit));
                    if (hit.Fix is { } fix)
                    {
                        edits.Add(fix);
                    }
                }
            }
        }

        return subjects == 0 ? new AuditCheck(rule, AuditOutcome.NotApplicable, $"There is no {rules[0].Subject} that it could be asked of.")
            : new AuditCheck(rule, found > 0 ? AuditOutcome.Failed : AuditOutcome.Passed, string.Create(CultureInfo.InvariantCulture, $"Asked of {subjects} ({rules[0].Subject}); {found} findings."));
    }

    /// <summary>The Pod Security Standards as rules: exactly what the level forbids, whatever the rules of the same codes say beyond it.</summary>
    private static IReadOnlyList<DeploymentRule> PodSecurityRules(PodSecurityProfile profile) =>
    [
        .. from check in PodSecurityStandards.For(profile)
           let rule = DeploymentRules.Find(check.Code).Rule
           select DeploymentRule.Pods(rule, pod => check.Check(pod, profile.Minor).Select(v => new Hit(v.At, $"{pod.Resource}: {v.What}, which the level {profile.Level.ToString().ToLowerInvariant()} of the Pod Security Standards forbids.", $"See `cbg policy explain {rule.Code}`.")
           { Rule = v.Code is null ? null : DeploymentRules.Find(v.Code).Rule })),
    ];

    private static Finding ToFinding(Rule rule, Hit hit) => new()
    {
        Rule = hit.Rule ?? rule,
        Severity = hit.Severity ?? (hit.Rule ?? rule).DefaultSeverity,
        Message = hit.Message,
        Remedy = hit.Remedy,
        Location = new Location { Path = hit.At.Source.Path, Line = hit.At.Place.Line, Column = hit.At.Place.Column, JsonPath = hit.At.JsonPath },
        Patch = hit.Fix?.Edit.ToPatch(),
        Key = hit.At.JsonPath + hit.Message,
    };

    private static Finding ToFinding(DocumentProblem problem) => new()
    {
        Rule = DeploymentRules.Unread,
        Severity = problem.StillChecked ? Severity.Info : DeploymentRules.Unread.DefaultSeverity,
        Message = $"{(problem.Source.Path == "-" ? "standard input" : problem.Source.Path)}: {problem.Reason}.",
        Remedy = "What was not read was not checked: correct it, or leave the file out.",
        Location = new Location { Path = problem.Source.Path, Line = problem.Line, Column = problem.Column },
        Key = problem.Reason,
    };
}
