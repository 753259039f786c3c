using System.Security.Cryptography;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore.Conformance;

/// <summary>The verification cases of sigstore-conformance, each by path and by digest, through the command line that the suite itself speaks.</summary>
[TestClass]
public sealed class ConformanceTests
{
    private const string Identity = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main";
    private const string Issuer = "https://token.actions.githubusercontent.com";
    private static readonly string Cases = Path.Combine(Repository.Root, "tests", "ContainerBuildGuard.Sigstore.Tests", "Conformance", "cases");

    public static IEnumerable<object[]> All =>
        from folder in Directory.GetDirectories(Cases).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        from byDigest in (bool[])[false, true]
        select new object[] { folder, byDigest };

    [TestMethod]
    public void The_suite_is_whole() => Assert.AreEqual(140, All.Count());

    [TestMethod]
    [DynamicData(nameof(All))]
    public async Task A_case_ends_as_its_name_says(string name, bool byDigest)
    {
        var folder = Path.Combine(Cases, name);
        string Read(string file, string otherwise) => Path.Combine(folder, file) is var path && File.Exists(path) ? File.ReadAllText(path).Trim() : otherwise;
        var artifact = File.Exists(Path.Combine(folder, "artifact")) ? Path.Combine(folder, "artifact") : Path.Combine(Cases, "a.txt");
        string[] signer = File.Exists(Path.Combine(folder, "key.pub"))
            ? ["--key", Path.Combine(folder, "key.pub")]
            : ["--certificate-identity", Read("identity", Identity), "--certificate-oidc-issuer", Read("issuer", Issuer)];
        string[] root = File.Exists(Path.Combine(folder, "trusted_root.json")) ? ["--trusted-root", Path.Combine(folder, "trusted_root.json")] : [];
        var subject = byDigest ? $"sha256:{Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(artifact)))}" : artifact;
        using var error = new StringWriter();
        var exit = await Protocol.RunAsync(["verify-bundle", "--bundle", Path.Combine(folder, "bundle.sigstore.json"), .. signer, .. root, subject], error);
        var refused = name.EndsWith("_fail", StringComparison.Ordinal);
        Assert.AreEqual(refused ? 1 : 0, exit, error.ToString());
        if (refused)
        {
            StringAssert.Matches(error.ToString(), new(@"^Refused: [^\n]+\.\n$"));
            Console.WriteLine(error);
        }
    }
}
