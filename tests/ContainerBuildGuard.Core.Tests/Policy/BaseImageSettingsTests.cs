using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Policies;

[TestClass]
public sealed class BaseImageSettingsTests
{
    private static readonly string Digest = $"sha256:{new string('a', 64)}";

    [TestMethod]
    public void Every_key_is_read()
    {
        var settings = Parse($"""
            base-images:
              allow: [mcr.microsoft.com/dotnet/*]
              pin: digest
              max-age: 90d
              lock: true
              verify:
                - images: [registry.example.com/base/*]
                  by: signatures
                  signed-by: [{"{ key: keys/base.pub }"}]
                  every-platform: true
                - images: ['docker.io/library/*']
                  by: digests
                  digests: ['{Digest}']
                - by: none
            """).BaseImages;
        Assert.AreEqual("mcr.microsoft.com/dotnet/*", settings.Allow.Single());
        Assert.IsTrue(settings is { RequireDigest: true, Lock: true, AsksForContent: true });
        Assert.AreEqual(TimeSpan.FromDays(90), settings.MaxAge);
        CollectionAssert.AreEqual(new[] { BaseImageProof.Signatures, BaseImageProof.Digests, BaseImageProof.None }, settings.Verify.Select(v => v.By).ToArray());
        Assert.IsTrue(settings.Verify[0].SignedBy!.EveryPlatform);
        Assert.IsTrue(settings.Verify[0].Covers("registry.example.com/base/aspnet"));
        Assert.IsFalse(settings.Verify[0].Covers("registry.example.com/other"));
        Assert.AreEqual(Digest, settings.Verify[1].Digests.Single());
        Assert.IsTrue(settings.Verify[2].Covers("anything/at/all"));
    }

    [TestMethod]
    public void The_documented_example_is_read()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "policy.md"));
        var yaml = text.Split("## Base images")[1].Split("```yaml")[1].Split("```")[0];
        var settings = Parse(yaml).BaseImages;
        CollectionAssert.AreEqual(new[] { BaseImageProof.Microsoft, BaseImageProof.Signatures, BaseImageProof.Digests }, settings.Verify.Select(v => v.By).ToArray());
        Assert.IsTrue(settings.Verify[0].Covers("mcr.microsoft.com/dotnet/aspnet"));
        Assert.IsFalse(settings.Verify[0].Covers("mcr.microsoft.com/azurelinux/base"));
        Assert.IsTrue(settings is { Lock: true, RequireDigest: false });
    }

    [TestMethod]
    public void Nothing_is_asked_where_nothing_is_written() => Assert.IsFalse(Parse("base-images: { allow: [a] }").BaseImages.AsksForContent);

    [TestMethod]
    [DataRow("base-images: { pin: always }", "tag or digest")]
    [DataRow("base-images: { max-age: 3 months }", "30d")]
    [DataRow("base-images: { lock: maybe }", "true or false")]
    [DataRow("base-images: { verify: [{ images: [a] }] }", "needs by")]
    [DataRow("base-images: { verify: [{ by: signature }] }", "did you mean 'signatures'")]
    [DataRow("base-images: { verify: [{ by: signatures }] }", "needs signed-by")]
    [DataRow("base-images: { verify: [{ by: digests }] }", "needs digests")]
    [DataRow("base-images: { verify: [{ by: digests, digests: ['sha256:abc'] }] }", "is no digest")]
    [DataRow("base-images: { verify: [{ by: none, signed-by: [{ key: a }] }] }", "has no key 'signed-by'")]
    [DataRow("base-images: { verify: [{ by: digests, threshold: 2 }] }", "has no key 'threshold'")]
    public void What_could_not_be_meant_is_an_error_with_its_place(string text, string what)
    {
        var thrown = Assert.ThrowsExactly<GuardException>(() => Parse(text));
        Assert.Contains(what, thrown.Message);
        Assert.IsGreaterThan(0, thrown.Line);
    }

    [TestMethod]
    [DataRow("docker.io/library/*", "alpine:3", true)]
    [DataRow("alpine:*", "alpine:3", true)]
    [DataRow("mcr.microsoft.com/dotnet/*", "mcr.microsoft.com/dotnet/aspnet:10.0", true)]
    [DataRow("mcr.microsoft.com/dotnet/*", "evil.example/mcr.microsoft.com/dotnet/aspnet:10.0", false)]
    [DataRow("mcr.microsoft.com/dotnet/*", null, false)]
    public void The_list_knows_names_with_and_without_the_registry_that_they_leave_out(string pattern, string? name, bool allowed) =>
        Assert.AreEqual(allowed, BaseImagePolicy.Check(Parse($"base-images: {{ allow: ['{pattern}'] }}"), name, null) is null);

    private static Policy Parse(string text) => PolicyLoader.Parse(text, "p.yaml", RuleCatalog.Codes);
}
