using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>The word on an audit of manifests.</summary>
public static class DeploymentVerdict
{
    public static string UnreadCode => DeploymentRules.Unread.Code;

    /// <summary>Judges by the policy; under a profile everything that its level forbids refuses, whatever the policy says, and nothing else does.</summary>
    public static GuardResult Judge(DeploymentAuditResult audit, DeploymentAuditRequest request, Policy policy, TimeProvider time)
    {
        var judged = PolicyJudge.Judge(request.Profile is null ? policy : Policy.Default with { FailOn = Severity.Info }, audit.Findings, [], time);
        var refusing = request.Profile is null ? judged.Refusing : [.. judged.Refusing.Where(f => f.Code != UnreadCode || f.Severity > Severity.Info)];
        return new GuardResult
        {
            Reference = "",
            Verdict = refusing.IsEmpty && audit.Documents > 0 ? Verdict.Passed : Verdict.Refused,
            Controls = [Control.HardenedConfiguration],
            Findings = judged.Findings,
            Refusing = refusing,
            Checks = audit.Checks,
            Asked = string.Create(CultureInfo.InvariantCulture, $"{audit.Checks.Length} rules asked of {audit.Subjects} containers and resources in {audit.Documents} documents; {audit.Unread} could not be read"),
        };
    }
}
