using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>
/// Files in the manner of well-known projects, each with every code that refuses it by default. What most such files lack must not be among them, and each container must be asked.
/// </summary>
[TestClass]
public sealed class KnownProjectsTests
{
    /// <summary>What nine in ten files in the wild lack: a writable root, privilege escalation left open, default capabilities, no limits.</summary>
    private static readonly string[] CommonGaps = ["CBG2213", "CBG2215", "CBG2219", "CBG2235", "CBG2236"];

    [TestMethod]
    [DataRow("nextcloud.compose.yaml", 1, 4, "")]
    [DataRow("gitlab.compose.yaml", 1, 2, "CBG2207 CBG2247")]
    [DataRow("keycloak.compose.yaml", 1, 2, "CBG2275")]
    [DataRow("traefik.compose.yaml", 1, 2, "CBG2207")]
    [DataRow("monitoring.compose.yaml", 1, 4, "CBG2201 CBG2202 CBG2203 CBG2207 CBG2275")]
    [DataRow("microservices", 2, 7, "CBG2275")]
    [DataRow("passwords.compose.yaml", 1, 2, "")]
    [DataRow("ingress-controller.helm.yaml", 9, 2, "")]
    [DataRow("certificates.kustomize.yaml", 7, 1, "")]
    [DataRow("node-exporter.helm.yaml", 2, 1, "CBG2202 CBG2203")]
    [DataRow("delivery.kustomize.yaml", 3, 2, "CBG2268")]
    public void A_project_is_refused_for_what_few_have_and_not_for_what_most_lack(string name, int documents, int containers, string refusing)
    {
        var (audit, judged) = Judge(name);
        Assert.AreEqual(0, audit.Unread, string.Join('\n', audit.Findings.Where(f => f.Code == DeploymentVerdict.UnreadCode).Select(f => f.Message)));
        Assert.AreEqual(documents, audit.Documents);
        Assert.AreEqual(refusing, string.Join(' ', judged.Refusing.Select(f => f.Code).Distinct().Order(StringComparer.Ordinal)));
        Assert.AreEqual(refusing.Length == 0 ? Verdict.Passed : Verdict.Refused, judged.Verdict);
        var privileged = audit.Checks.Single(c => c.Rule.Code == "CBG2201");
        Assert.StartsWith(string.Create(CultureInfo.InvariantCulture, $"Asked of {containers} "), privileged.Reason);
    }

    [TestMethod]
    [DataRow("nextcloud.compose.yaml")]
    [DataRow("gitlab.compose.yaml")]
    [DataRow("keycloak.compose.yaml")]
    [DataRow("monitoring.compose.yaml")]
    [DataRow("microservices")]
    public void What_most_files_lack_is_said_of_those_that_lack_it(string name)
    {
        var codes = Judge(name).Judged.Findings.Where(f => f.Severity < Severity.High).Select(f => f.Code).ToHashSet();
        Assert.AreEqual("", string.Join(' ', CommonGaps.Except(codes)));
    }

    [TestMethod]
    public void Every_rule_has_an_answer_for_every_project()
    {
        var rules = DeploymentRules.All.Select(r => r.Rule.Code).Distinct().Count() + 1;
        foreach (var name in Directory.EnumerateFileSystemEntries(Folder).Select(p => Path.GetFileName(p)!))
        {
            Assert.HasCount(rules, Judge(name).Audit.Checks, name);
        }
    }

    [TestMethod]
    public void System_folders_that_an_exporter_only_reads_warn() =>
        Assert.IsTrue(Judge("node-exporter.helm.yaml").Judged.Findings.Where(f => f.Code == "CBG2208").Select(f => f.Severity).ToList() is { Count: 2 } severities && severities.All(s => s == Severity.Medium));

    [TestMethod]
    public void A_hardened_project_has_hardly_a_finding()
    {
        var codes = Judge("certificates.kustomize.yaml").Audit.Findings.Where(f => f.Severity > Severity.Info).Select(f => f.Code);
        Assert.AreEqual("", string.Join(' ', codes));
    }

    [TestMethod]
    public void A_kind_of_somebody_else_is_named_and_not_taken_for_checked() =>
        Assert.Contains(f => f.Code == DeploymentVerdict.UnreadCode && f.Message.Contains("the kind Issuer", StringComparison.Ordinal), Judge("certificates.kustomize.yaml").Audit.Findings);

    private static string Folder => Path.Combine(Repository.Root, "tests", "ContainerBuildGuard.Core.Tests", "HardenedConfiguration", "Deployments", "Projects");

    private static (DeploymentAuditResult Audit, GuardResult Judged) Judge(string name)
    {
        var request = new DeploymentAuditRequest { Paths = [Path.Combine(Folder, name)] };
        var audit = DeploymentAudit.Run(request, CancellationToken.None);
        return (audit, DeploymentVerdict.Judge(audit, request, Policy.Default, TimeProvider.System));
    }
}
