namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>A capability means the same however it is written and wherever it stands.</summary>
[TestClass]
public sealed class CapabilityNameTests
{
    private static readonly string[] Spellings = ["{0}", "CAP_{0}"];

    [TestMethod]
    [DataRow("SYS_ADMIN", "CBG2211")]
    [DataRow("ALL", "CBG2211")]
    [DataRow("BPF", "CBG2211")]
    [DataRow("NET_RAW", "CBG2212")]
    [DataRow("IPC_LOCK", "CBG2212")]
    [DataRow("SYS_ADMN", "CBG2212")]
    [DataRow("CHOWN", "")]
    [DataRow("NET_BIND_SERVICE", "")]
    public void An_added_capability_is_judged_by_its_name(string name, string code)
    {
        foreach (var (place, findings) in Places("add", name))
        {
            var found = findings.Where(f => f.Code is "CBG2211" or "CBG2212").ToList();
            Assert.AreEqual(code, string.Join(' ', found.Select(f => f.Code)), place);
            Assert.AreEqual(name == "SYS_ADMN", found.Any(f => f.Message.Contains("which Linux does not have", StringComparison.Ordinal)), place);
        }
    }

    [TestMethod]
    [DataRow("ALL", false)]
    [DataRow("NET_RAW", true)]
    [DataRow("NET_RWA", true)]
    public void What_is_dropped_is_judged_by_its_name(string name, bool keeps)
    {
        foreach (var (place, findings) in Places("drop", name))
        {
            var found = findings.Where(f => f.Code == "CBG2213").Select(f => f.Message).ToList();
            Assert.AreEqual(keeps, found.Any(m => m.Contains("keeps the capabilities", StringComparison.Ordinal)), place);
            Assert.AreEqual(name == "NET_RWA", found.Any(m => m.Contains("which Linux does not have", StringComparison.Ordinal)), place);
        }
    }

    [TestMethod]
    public void A_name_that_a_variable_gives_may_be_any() =>
        Assert.DoesNotContain("which Linux does not have", string.Join('\n', Manifests.Of("compose.yaml", "services: { web: { image: 'a:1', cap_add: ['${CAPABILITY}'] } }").Select(f => f.Message)));

    private static IEnumerable<(string Place, IReadOnlyList<ContainerBuildGuard.Findings.Finding> Findings)> Places(string what, string name)
    {
        var key = what == "add" ? "AddCapability" : "DropCapability";
        foreach (var spelling in Spellings.Select(s => string.Format(System.Globalization.CultureInfo.InvariantCulture, s, name)))
        {
            foreach (var written in new[] { spelling, spelling.ToLowerInvariant() })
            {
                yield return ($"Compose, {written}", Manifests.Of("compose.yaml", $"services: {{ web: {{ image: 'a:1', cap_{what}: ['{written}'] }} }}"));
                yield return ($"Kubernetes, {written}", Manifests.Of("pod.yaml", RuleCases.PodText("", $"securityContext: {{ capabilities: {{ {what}: ['{written}'] }} }}")));
                yield return ($"Quadlet, {written}", Manifests.Of("web.container", $"[Container]\nImage=a:1\n{key}={written}\n"));
                yield return ($"PodmanArgs, {written}", Manifests.Of("web.container", $"[Container]\nImage=a:1\nPodmanArgs=--cap-{what}={written}\n"));
                yield return ($"PodmanArgs with a space, {written}", Manifests.Of("web.container", $"[Container]\nImage=a:1\nPodmanArgs=--cap-{what} {written}\n"));
            }
        }
    }
}
