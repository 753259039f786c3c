using System.Text.Json.Nodes;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Every case of the standard, in every list of containers, at both levels, by every version of Kubernetes.</summary>
[TestClass]
public sealed class PodSecurityTableTests
{
    private static readonly string[] Lists = ["containers", "initContainers", "ephemeralContainers"];

    public static IEnumerable<object[]> Cases => PodSecurityCases.All.Select((c, i) => new object[] { i, c.ToString() });

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public void A_value_is_judged_by_every_version_as_the_standard_says(int index, string shown)
    {
        var @case = PodSecurityCases.All[index];
        foreach (var (place, pod) in Pods(@case))
        {
            foreach (var level in Enum.GetValues<PodSecurityLevel>())
            {
                for (var minor = 0; minor <= PodSecurityProfile.Latest; minor++)
                {
                    var violated = PodSecurityStandards.For(new(level, minor)).Where(c => c.Check(pod, minor).Any()).Select(c => c.Id).ToList();
                    Assert.HasCount(@case.Forbids(level, minor) ? 1 : 0, violated, $"{shown} in {place}, {level} of 1.{minor}: {string.Join(", ", violated)}");
                }
            }
        }
    }

    [TestMethod]
    public void Every_control_has_values_that_it_forbids()
    {
        var violated = PodSecurityCases.All.SelectMany(c => Pods(c)).SelectMany(p => PodSecurityStandards.Checks.Where(c => c.Check(p.Pod, PodSecurityProfile.Latest).Any()).Select(c => c.Id)).ToHashSet();
        Assert.AreEqual("", string.Join(", ", PodSecurityStandards.Checks.Select(c => c.Id).Except(violated)));
    }

    private static IEnumerable<(string Place, PodTemplate Pod)> Pods(PodSecurityCase @case) =>
        @case.Field.StartsWith("container.", StringComparison.Ordinal) ? Lists.Select(list => (list, Pod(@case, list))) : [("the pod", Pod(@case, "containers"))];

    private static PodTemplate Pod(PodSecurityCase @case, string list)
    {
        var pod = JsonNode.Parse("""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{
              "securityContext":{"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}},
              "containers":[{"name":"web","image":"a"}],"initContainers":[{"name":"init","image":"a"}],"ephemeralContainers":[{"name":"debug","image":"a"}]}}
            """)!;
        foreach (var container in Lists.Select(l => pod["spec"]![l]![0]!))
        {
            container["securityContext"] = JsonNode.Parse("""{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]}}""");
        }

        if (@case.Beside is { } beside)
        {
            foreach (var place in beside.Field.StartsWith("every ", StringComparison.Ordinal) ? Lists : ["containers"])
            {
                Set(pod, beside.Field.Replace("every ", "", StringComparison.Ordinal), beside.Value, place);
            }
        }

        Set(pod, @case.Field, @case.Value, list);
        var set = new DeploymentSet();
        KubernetesReader.Read(YamlReader.Read(new SourceText("pod.json", pod.ToJsonString())).Documents.Single(), set);
        return set.Workloads.Single().Pod!;
    }

    private static void Set(JsonNode pod, string field, string value, string list)
    {
        var parts = field.Split('.');
        var at = parts[0] switch { "pod" => pod["spec"]!, "metadata" => pod["metadata"]!, _ => pod["spec"]![list]![0]! };
        // The names of annotations have dots in them.
        string[] rest = parts[0] == "metadata" ? ["annotations", field["metadata.annotations.".Length..]] : parts[1..];
        foreach (var part in rest[..^1])
        {
            at = at[part] ??= new JsonObject();
        }

        at[rest[^1]] = JsonNode.Parse(value);
    }
}
