using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore.Conformance;

/// <summary>The verification cases of sigstore-conformance, each by path and by digest, through the command line that the suite itself speaks.</summary>
[TestClass]
public sealed class ConformanceTests
{
    public static IEnumerable<object[]> All =>
        from folder in Directory.GetDirectories(Case.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        from byDigest in (bool[])[false, true]
        select new object[] { folder, byDigest };

    [TestMethod]
    public void The_suite_is_whole() => Assert.AreEqual(140, All.Count());

    [TestMethod]
    [DynamicData(nameof(All))]
    public async Task A_case_ends_as_its_name_says(string name, bool byDigest)
    {
        var @case = new Case(name);
        string[] signer = @case.KeyPath is { } key ? ["--key", key] : ["--certificate-identity", @case.Identity, "--certificate-oidc-issuer", @case.Issuer];
        string[] root = @case.TrustedRootPath is { } path ? ["--trusted-root", path] : [];
        var subject = byDigest ? $"sha256:{Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(@case.ArtifactPath)))}" : @case.ArtifactPath;
        using var error = new StringWriter();
        var exit = await Protocol.RunAsync(["verify-bundle", "--bundle", @case.BundlePath, .. signer, .. root, subject], error);
        var refused = name.EndsWith("_fail", StringComparison.Ordinal);
        Assert.AreEqual(refused ? 1 : 0, exit, error.ToString());
        if (refused)
        {
            StringAssert.Matches(error.ToString(), new(@"^Refused: [^\n]+\.\n$"));
        }
    }
}
