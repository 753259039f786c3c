using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace ContainerBuildGuard;

/// <summary>Holds the walls that docs/architecture.md draws. Each check is a function over text, so that breaking a wall on purpose is tested too.</summary>
[TestClass]
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> AllowedProjects = new()
    {
        ["ContainerBuildGuard.Images"] = [],
        ["ContainerBuildGuard.Sigstore"] = [],
        ["ContainerBuildGuard.Core"] = ["ContainerBuildGuard.Images", "ContainerBuildGuard.Sigstore"],
        ["ContainerBuildGuard.Tasks"] = ["ContainerBuildGuard.Core"],
        ["ContainerBuildGuard.Tool"] = ["ContainerBuildGuard.Core"],
    };

    /// <summary>The controls of Core: none reaches into another.</summary>
    private static readonly string[] Controls = ["ContentSecurity", "HardenedConfiguration", "ContentTrust", "SecretsManagement", "HostSecurity"];

    private static readonly string Source = Path.Combine(FindRoot(), "src");

    [TestMethod]
    public void Projects_reference_only_what_the_walls_allow()
    {
        foreach (var (project, allowed) in AllowedProjects)
        {
            var text = File.ReadAllText(Path.Combine(Source, project, $"{project}.csproj"));
            CollectionAssert.AreEqual(Array.Empty<string>(), ForbiddenReferences(text, allowed), project);
        }
    }

    [TestMethod]
    public void Every_source_project_has_a_wall()
    {
        var projects = Directory.GetDirectories(Source).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray();
        CollectionAssert.AreEqual(AllowedProjects.Keys.Order(StringComparer.Ordinal).ToArray(), projects);
    }

    [TestMethod]
    public void A_forbidden_project_reference_is_found()
    {
        const string Project = """<Project><ItemGroup><ProjectReference Include="../ContainerBuildGuard.Core/ContainerBuildGuard.Core.csproj" /></ItemGroup></Project>""";
        CollectionAssert.AreEqual(new[] { "ContainerBuildGuard.Core" }, ForbiddenReferences(Project, ["ContainerBuildGuard.Images"]));
    }

    [TestMethod]
    public void Controls_do_not_reach_into_each_other()
    {
        foreach (var control in Controls)
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Source, "ContainerBuildGuard.Core", control), "*.cs", SearchOption.AllDirectories))
            {
                CollectionAssert.AreEqual(Array.Empty<string>(), OtherControls(File.ReadAllText(file), control), file);
            }
        }
    }

    [TestMethod]
    public void A_control_that_reaches_into_another_is_found() =>
        CollectionAssert.AreEqual(
            new[] { "SecretsManagement" },
            OtherControls("using ContainerBuildGuard.SecretsManagement;\nnamespace ContainerBuildGuard.ContentTrust;", "ContentTrust"));

    [TestMethod]
    [DataRow("ContainerBuildGuard.Images", "Microsoft.Build|System.CommandLine|System.Console|CBG[0-9]{4}")]
    [DataRow("ContainerBuildGuard.Sigstore", "Microsoft.Build|System.CommandLine|System.Console|CBG[0-9]{4}|ContainerBuildGuard.Images")]
    [DataRow("ContainerBuildGuard.Core", @"using Microsoft\.Build|System\.CommandLine|Console\.(Write|Error|Out)")]
    public void Libraries_do_not_name_what_is_above_them(string project, string forbidden)
    {
        foreach (var file in Sources(project))
        {
            Assert.DoesNotMatchRegex(new Regex(forbidden), File.ReadAllText(file), file);
        }
    }

    [TestMethod]
    public void Tuf_knows_nothing_of_sigstore()
    {
        foreach (var file in Sources("ContainerBuildGuard.Sigstore").Where(f => f.Contains("/Tuf/", StringComparison.Ordinal)))
        {
            Assert.DoesNotMatchRegex(new Regex(@"Rekor|Fulcio|namespace ContainerBuildGuard\.Sigstore(?!\.Tuf)"), File.ReadAllText(file), file);
        }
    }

    /// <summary>The system's own C library is what every process has loaded.</summary>
    [TestMethod]
    [DataRow("ContainerBuildGuard.Images")]
    [DataRow("ContainerBuildGuard.Sigstore")]
    [DataRow("ContainerBuildGuard.Core")]
    [DataRow("ContainerBuildGuard.Tasks")]
    public void Nothing_native_is_loaded_into_a_build(string project)
    {
        foreach (var file in Sources(project))
        {
            Assert.DoesNotMatchRegex(new Regex(@"NativeLibrary|delegate\*|(Dll|Library)Import\((?!""libc"")"), File.ReadAllText(file), file);
        }
    }

    private static string[] ForbiddenReferences(string project, string[] allowed) =>
        [.. XDocument.Parse(project).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')))
            .Except(allowed)];

    private static string[] OtherControls(string source, string control) =>
        [.. ControlNamespace().Matches(source).Select(m => m.Groups[1].Value).Where(c => c != control).Distinct()];

    private static IEnumerable<string> Sources(string project) =>
        Directory.EnumerateFiles(Path.Combine(Source, project), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Contains("/obj/", StringComparison.Ordinal))
            .Select(f => f.Replace('\\', '/'));

    private static string FindRoot()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "ContainerBuildGuard.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The solution is not above the test.");
        }

        return folder;
    }

    [GeneratedRegex(@"ContainerBuildGuard\.(ContentSecurity|HardenedConfiguration|ContentTrust|SecretsManagement|HostSecurity)\b")]
    private static partial Regex ControlNamespace();
}
