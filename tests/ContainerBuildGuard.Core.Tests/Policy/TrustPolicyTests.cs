using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Policies;

[TestClass]
public sealed class TrustPolicyTests
{
    [TestMethod]
    public void The_sample_policy_is_read_as_it_is_written()
    {
        var path = Path.Combine(Repository.Root, "samples", "ci", "containerbuildguard.yaml");
        var policy = PolicyLoader.Load(path, RuleCatalog.Codes);
        CollectionAssert.AreEqual(new[] { "slsa-provenance", "cyclonedx", "guard" }, policy.Attest.ToArray());
        var rule = policy.Trust.First(r => r.Covers("ghcr.io/acme/app"));
        Assert.IsTrue(rule.EveryPlatform);
        Assert.AreEqual(("https://token.actions.githubusercontent.com", false), rule.Signers.Single().Issuer);
        Assert.AreEqual("https://github.com/acme/app", rule.Signers.Single().Claims["source-repository"]);
        Assert.AreEqual(Severity.Critical, rule.Attestations[1].NoVulnerability);
        Assert.IsFalse(policy.Trust.Any(r => r.Covers("docker.io/acme/app")));
    }

    [TestMethod]
    public void A_keys_file_is_found_beside_the_policy()
    {
        var rule = Parse("trust:\n  - signed-by:\n    - key: keys/a.pub\n    - key: awskms:///alias/a\n    threshold: 2").Trust.Single();
        Assert.AreEqual(Path.GetFullPath("keys/a.pub"), rule.Signers[0].Key);
        Assert.AreEqual("awskms:///alias/a", rule.Signers[1].Key);
        Assert.IsTrue(rule.Covers("anything"));
    }

    [TestMethod]
    public void A_notation_signer_names_its_files_beside_the_policy()
    {
        var signer = Parse("trust:\n  - signed-by:\n    - notation: { trust-policy: trust/policy.json }\n  - signed-by: [{ notation: { trust-policy: a.json, trust-store: stores } }]").Trust.Select(r => r.Signers.Single().Notation!).ToList();
        Assert.AreEqual(new NotationSigner(Path.GetFullPath("trust/policy.json"), null), signer[0]);
        Assert.AreEqual(new NotationSigner(Path.GetFullPath("a.json"), Path.GetFullPath("stores")), signer[1]);
    }

    [TestMethod]
    public void A_notation_signer_may_say_itself_whom_it_trusts()
    {
        var folder = Directory.CreateTempSubdirectory("cbg-policy-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "tsa.pem"), "");
            var print = string.Join(':', Enumerable.Repeat("AB", 32));
            var said = PolicyLoader.Parse($$"""
                trust:
                  - signed-by:
                    - notation:
                        ca:
                          - sha256:{{print}}
                          - |
                            -----BEGIN CERTIFICATE-----
                            AAAA
                            -----END CERTIFICATE-----
                        tsa: [tsa.pem]
                        identities: ['x509.subject: C=US, ST=WA, O=acme']
                        level: permissive
                        verify-timestamp: after-certificate-expiry
                        override: { revocation: skip, authentic-timestamp: enforce }
                """, Path.Combine(folder.FullName, "p.yaml"), RuleCatalog.Codes).Trust.Single().Signers.Single().Notation!.Statement!;
            Assert.AreEqual($"sha256:{print.Replace(":", "", StringComparison.Ordinal).ToLowerInvariant()}", said.Stores["ca"][0]);
            Assert.StartsWith("-----BEGIN CERTIFICATE-----\nAAAA\n", said.Stores["ca"][1]);
            Assert.AreEqual(Path.Combine(folder.FullName, "tsa.pem"), said.Stores["tsa"].Single());
            Assert.AreEqual(("permissive", "afterCertExpiry", "skip", "enforce"), (said.Level, said.VerifyTimestamp, said.Overrides["revocation"], said.Overrides["authenticTimestamp"]));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    [DataRow("trust:\n  - signed-by: [{ notation: { ca: [nowhere.pem], identities: ['*'] } }]", "there is no file")]
    [DataRow("trust:\n  - signed-by: [{ notation: { ca: ['sha256:12'], identities: ['*'] } }]", "64 hexadecimal")]
    [DataRow("trust:\n  - signed-by: [{ notation: { tsa: ['sha256:12'], identities: ['*'] } }]", "not fingerprints")]
    [DataRow("trust:\n  - signed-by: [{ notation: { identities: ['*'] } }]", "ca or signing-authority")]
    [DataRow("trust:\n  - signed-by: [{ notation: { ca: ['-----BEGIN CERTIFICATE-----'] } }]", "needs identities")]
    [DataRow("trust:\n  - signed-by: [{ notation: { ca: ['-----BEGIN CERTIFICATE-----'], identities: ['*'], level: skip } }]", "strict, permissive, audit")]
    [DataRow("trust:\n  - signed-by: [{ notation: { ca: ['-----BEGIN CERTIFICATE-----'], identities: ['*'], override: { expiry: skip } } }]", "enforce or log")]
    [DataRow("trust:\n  - signed-by: [{ notation: { ca: ['-----BEGIN CERTIFICATE-----'], identities: ['*'], verify-timestamp: never } }]", "always or after")]
    [DataRow("trust:\n  - signed-by: [{ notation: { ca: ['-----BEGIN CERTIFICATE-----'], trust-policy: a } }]", "not both")]
    [DataRow("trust:\n  - signed-by: [{ notation: { trust-store: a } }]", "needs trust-policy")]
    [DataRow("trust:\n  - signed-by: [{ notation: { trust-policy: a, identity: b } }]", "identity")]
    [DataRow("trust:\n  - signed-by: [{ notation: { trust-policy: a } }, { key: b }]", "only one")]
    [DataRow("trust:\n  - signed-by: [{ notation: { trust-policy: a } }]\n    attestations: [{ type: guard }]", "only one")]
    [DataRow("trust:\n  - signed-by:\n    - notation: { trust-policy: a }\n      key: b", "not several")]
    [DataRow("trust:\n  - images: [a]", "needs signed-by")]
    [DataRow("trust:\n  - signed-by:\n    - identity: a", "issuer")]
    [DataRow("trust:\n  - signed-by:\n    - key: a\n      issuer: b", "either a key or an identity")]
    [DataRow("trust:\n  - signed-by:\n    - identity: a\n      identity-pattern: b\n      issuer: c", "identity")]
    [DataRow("trust:\n  - signed-by:\n    - identity-pattern: '('\n      issuer: c", "regular expression")]
    [DataRow("trust:\n  - signed-by:\n    - identity-pattern: '(?=a)'\n      issuer: c", "linear time")]
    [DataRow("trust:\n  - signed-by: [{ key: a }]\n    threshold: 2", "nothing could meet it")]
    [DataRow("trust:\n  - signed-by: [{ key: a }]\n    attestations: [{ type: gaurd }]", "did you mean 'guard'")]
    [DataRow("trust:\n  - signed-by: [{ key: a }]\n    attestations: [{ type: guard, max-age: 1 month }]", "30d")]
    [DataRow("trust:\n  - signed-by: [{ key: a }]\n    attestations: [{ verdict: passed }]", "needs a type")]
    [DataRow("attest: [everything]", "no attestation")]
    public void What_could_not_be_meant_is_an_error_with_its_place(string text, string what)
    {
        var thrown = Assert.ThrowsExactly<GuardException>(() => Parse(text));
        StringAssert.Contains(thrown.Message, what);
        Assert.IsGreaterThan(0, thrown.Line);
    }

    private static Policy Parse(string text) => PolicyLoader.Parse(text, "p.yaml", RuleCatalog.Codes);
}
