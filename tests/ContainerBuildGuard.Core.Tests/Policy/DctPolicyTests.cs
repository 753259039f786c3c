using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Policies;

[TestClass]
public sealed class DctPolicyTests
{
    private static readonly string Id = new('a', 64);

    [TestMethod]
    public void A_rule_may_ask_for_docker_content_trust_alone()
    {
        var trust = Parse("dct: { server: \"https://notary.example.com:4443\", signers: [alice, bob], root-keys: [" + Id + "], trust-on-first-use: false }").Dct!;
        Assert.AreEqual(new Uri("https://notary.example.com:4443"), trust.Server);
        CollectionAssert.AreEqual(new[] { "alice", "bob" }, trust.Signers.ToArray());
        Assert.AreEqual(Id, trust.Pinning.Certificates["*"].Single());
        Assert.IsTrue(trust.Pinning.DisableTofu);
        Assert.IsNotNull(Parse("dct: {}").Dct);
        Assert.IsNull(Parse("signed-by: [{ key: a }]").Dct);
    }

    [TestMethod]
    public void The_pinning_of_a_notary_client_is_read_with_its_paths_beside_it()
    {
        var folder = Directory.CreateTempSubdirectory("cbg-pinning-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "config.json"), $$"""{"trust_dir":"~/.notary","trust_pinning":{"disable_tofu":true,"certs":{"docker.io/library/*":["{{Id}}"],"registry/app":"{{Id}}"},"ca":{"registry/":"root.pem"} } }""");
            var pinning = PolicyLoader.Parse("trust:\n  - dct: { trust-pinning: config.json }", Path.Combine(folder.FullName, "p.yaml"), RuleCatalog.Codes).Trust.Single().Dct!.Pinning;
            Assert.IsTrue(pinning.DisableTofu);
            Assert.AreEqual(Id, pinning.Certificates["docker.io/library/*"].Single());
            Assert.AreEqual(Id, pinning.Certificates["registry/app"].Single());
            Assert.AreEqual(Path.Combine(folder.FullName, "root.pem"), pinning.Authorities["registry/"]);
            File.WriteAllText(Path.Combine(folder.FullName, "config.json"), """{"trust_pinning":{"certs":{"a":[1]}}}""");
            Assert.ThrowsExactly<GuardException>(() => PolicyLoader.Parse("trust:\n  - dct: { trust-pinning: config.json }", Path.Combine(folder.FullName, "p.yaml"), RuleCatalog.Codes));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    [DataRow("dct: { servers: a }", "did you mean 'server'")]
    [DataRow("dct: { server: \"http://notary.example.com\" }", "https URL")]
    [DataRow("dct: { root-keys: [abc] }", "64 hexadecimal characters")]
    [DataRow("dct: { root-authority: nowhere.pem }", "there is no file")]
    [DataRow("dct: { trust-on-first-use: maybe }", "true or false")]
    [DataRow("dct: yes", "must be a mapping")]
    [DataRow("dct: {}\n    attestations: [{ type: sbom }]", "needs signed-by")]
    public void What_could_not_be_meant_is_an_error_with_its_place(string text, string what)
    {
        var thrown = Assert.ThrowsExactly<GuardException>(() => Parse(text));
        StringAssert.Contains(thrown.Message, what);
        Assert.IsGreaterThan(0, thrown.Line);
    }

    private static TrustRule Parse(string rule) => PolicyLoader.Parse($"trust:\n  - {rule}", "p.yaml", RuleCatalog.Codes).Trust.Single();
}
