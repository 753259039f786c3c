using ContainerBuildGuard.SystemPackages;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>SemVer 2, PEP 440 and Maven.</summary>
[TestClass]
public sealed class LanguageVersionTests
{
    private static readonly string[] Semantic = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1-0", "1.0.1", "1.10.0", "2.0.0", "20240101000000000000.0.0"];
    private static readonly string[] Python = ["1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2", "1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15", "1.1.dev1", "1!0.1"];
    private static readonly string[] Maven = ["1-alpha2snapshot", "1-alpha2", "1-alpha-123", "1-beta-2", "1-beta123", "1-m2", "1-m11", "1-rc", "1-cr2", "1-rc123", "1-snapshot", "1", "1-sp", "1-sp2", "1-sp123", "1-abc", "1-def", "1-pom-1", "1-1-snapshot", "1-1", "1-2", "1-123", "2.0.1", "2.0.1-xyz", "2.0.2", "2.0.123", "2.1.0", "2.1-a", "2.1b", "2.1-c", "2.1-1", "2.1.0.1", "2.2", "2.123", "11.a2", "11.a11", "11.b2", "11.b11", "11.m2", "11.m11", "11", "11.a", "11b", "11c", "11m"];

    [TestMethod]
    [DataRow("npm")]
    [DataRow("PyPI")]
    [DataRow("Maven")]
    public void Every_version_sorts_above_all_before_it(string ecosystem)
    {
        var ascending = ecosystem switch { "npm" => Semantic, "PyPI" => Python, _ => Maven };
        for (var i = 0; i < ascending.Length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var expected = i == j ? 0 : 1;
                Assert.AreEqual(expected, Math.Sign(VersionOrder.Compare(ecosystem, ascending[i], ascending[j])!.Value), $"{ascending[i]} and {ascending[j]}");
                Assert.AreEqual(-expected, Math.Sign(VersionOrder.Compare(ecosystem, ascending[j], ascending[i])!.Value), $"{ascending[j]} and {ascending[i]}");
            }
        }
    }

    [TestMethod]
    [DataRow("Go", "v1.2.3", "1.2.3")]
    [DataRow("npm", "1.0.0+build", "1.0.0")]
    [DataRow("PyPI", "1.0-1", "1.0.post1")]
    [DataRow("PyPI", "V1.0.Alpha_1", "1a1")]
    [DataRow("PyPI", "1.0", "1")]
    [DataRow("Maven", "1.0.0-GA", "1")]
    [DataRow("Maven", "1x", "1-x")]
    public void Two_spellings_are_one_version(string ecosystem, string a, string b) => Assert.AreEqual(0, VersionOrder.Compare(ecosystem, a, b));

    [TestMethod]
    [DataRow("npm", "1.2.3.4")]
    [DataRow("npm", "latest")]
    [DataRow("npm", "1.0.0-")]
    [DataRow("npm", "1.0.0-a..b")]
    [DataRow("PyPI", "1.0-final-x")]
    [DataRow("PyPI", "abc")]
    [DataRow("Maven", "")]
    [DataRow("Maven", "1 2")]
    public void What_is_no_version_has_no_order(string ecosystem, string version) => Assert.IsNull(VersionOrder.Compare(ecosystem, version, "1.0.0"));

    [TestMethod]
    public async Task Pairs_are_ordered_as_Pythons_packaging_orders_them()
    {
        var file = Path.GetTempFileName();
        var pairs = VersionPairs.Random(4000, 20261127, PythonVersion, Python).Where(p => VersionOrder.Compare("PyPI", p.A, p.B) is not null).ToList();
        Assert.IsGreaterThan(2000, pairs.Count);
        await File.WriteAllLinesAsync(file, pairs.Select(p => $"{p.A} {p.B}"));
        const string Script = """
            import sys
            try:
                from packaging.version import Version
            except ImportError:
                try:
                    from pip._vendor.packaging.version import Version
                except ImportError:
                    sys.exit(7)
            for line in open(sys.argv[1]):
                a, b = map(Version, line.split())
                print((a > b) - (a < b))
            """;
        var run = ProcessRunner.Exists("python3") ? await ProcessRunner.RunAsync("python3", ["-c", Script, file]) : new ProcessResult(7, "");
        File.Delete(file);
        if (run.ExitCode == 7)
        {
            Assert.Inconclusive("This machine has no Python with the packaging library to compare with.");
        }

        AssertSame("PyPI", pairs, run.Output);
    }

    [TestMethod]
    public async Task Pairs_are_ordered_as_npms_semver_orders_them()
    {
        const string Module = "/usr/share/nodejs/semver";
        var module = Directory.Exists(Module) ? Module : "/usr/lib/node_modules/npm/node_modules/semver";
        if (!ProcessRunner.Exists("node") || !Directory.Exists(module))
        {
            Assert.Inconclusive("This machine has no node with npm's semver to compare with.");
        }

        var pairs = VersionPairs.Random(4000, 20261128, r => $"{r.Next(3)}.{r.Next(12)}.{r.Next(3)}{(r.Next(2) == 0 ? $"-{VersionPairs.Text(r, "abZ12.-", 5)}" : "")}", Semantic[..^1])
            .Where(p => VersionOrder.Compare("npm", p.A, p.B) is not null && Strict(p.A) && Strict(p.B)).ToList();
        Assert.IsGreaterThan(2000, pairs.Count);
        var file = Path.GetTempFileName();
        await File.WriteAllLinesAsync(file, pairs.Select(p => $"{p.A} {p.B}"));
        var run = await ProcessRunner.RunAsync("node", ["-e", $"const s=require('{module}');for(const l of require('fs').readFileSync('{file}','utf8').trim().split('\\n')){{const [a,b]=l.split(' ');console.log(s.compare(a,b))}}"]);
        File.Delete(file);
        AssertSame("npm", pairs, run.Output);
    }

    /// <summary>Three numbers and no leading zeros, as npm insists.</summary>
    private static bool Strict(string version) => version.Split('-')[0].Split('.').Length == 3 && version.Split('.', '-').All(p => p.Length < 2 || p[0] != '0');

    private static string PythonVersion(Random r)
    {
        string Part(params string[] choices) => choices[r.Next(choices.Length)];
        return $"{Part("", "", "", "1!", "0!")}{r.Next(3)}{Part("", ".0", ".1", ".10", ".0.0")}{Part("", "", "a1", "b2", "rc1", ".c2", "-alpha", "_pre3")}{Part("", "", ".post1", "-1", ".r2", "post")}{Part("", "", ".dev1", "dev", ".dev10")}{Part("", "", "+ab.1", "+1", "+ab-2")}";
    }

    private static void AssertSame(string ecosystem, List<(string A, string B)> pairs, string output)
    {
        var orders = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.HasCount(pairs.Count, orders, output[..Math.Min(800, output.Length)]);
        var wrong = pairs.Zip(orders).Where(p => Math.Sign(VersionOrder.Compare(ecosystem, p.First.A, p.First.B)!.Value).ToString(System.Globalization.CultureInfo.InvariantCulture) != p.Second).Select(p => $"{p.First}: expected {p.Second}").ToList();
        Assert.IsEmpty(wrong, string.Join('\n', wrong.Take(10)));
    }
}
