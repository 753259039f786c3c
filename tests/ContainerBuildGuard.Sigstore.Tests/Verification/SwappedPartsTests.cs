using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Sigstore.Conformance;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Parts that are good by themselves and belong to another signature, another time or another root.</summary>
[TestClass]
public sealed class SwappedPartsTests
{
    private static readonly Case Promised = new("happy-path-v0.3");
    private static readonly Case Enveloped = new("happy-path-intoto-in-dsse-v3");
    private static readonly Case Stamped = new("rekor2-happy-path");

    [TestMethod]
    [DataRow("verificationMaterial.certificate", "happy-path-intoto-in-dsse-v3")]
    [DataRow("verificationMaterial.tlogEntries", "happy-path-intoto-in-dsse-v3")]
    [DataRow("verificationMaterial.tlogEntries", "happy-path-v0.1")]
    [DataRow("messageSignature", "happy-path-v0.1")]
    public void A_part_of_another_good_bundle_is_refused(string part, string from)
    {
        var bundle = Promised.BundleNode();
        Put(bundle, part, Get(new Case(from).BundleNode(), part));
        Refused(Promised.Verify(bundle));
    }

    [TestMethod]
    [DataRow("dsseEnvelope.payload", "e30=", VerificationStep.LogEntries)]
    [DataRow("dsseEnvelope.payloadType", "text/plain", VerificationStep.Signature)]
    public void A_changed_envelope_is_refused(string part, string value, VerificationStep step)
    {
        var bundle = Enveloped.BundleNode();
        Put(bundle, part, value);
        Refused(Enveloped.Verify(bundle), step);
    }

    [TestMethod]
    public void A_timestamp_of_another_signature_is_refused()
    {
        const string Part = "verificationMaterial.timestampVerificationData";
        var bundle = Stamped.BundleNode();
        Put(bundle, Part, Get(new Case("rekor2-timestamp-with-embedded-cert").BundleNode(), Part));
        Refused(Stamped.Verify(bundle), VerificationStep.Timestamps);
    }

    [TestMethod]
    public void A_second_timestamp_that_does_not_verify_is_refused_beside_a_good_one()
    {
        var bundle = Stamped.BundleNode();
        var other = new Case("rekor2-timestamp-with-embedded-cert").BundleNode();
        const string Part = "verificationMaterial.timestampVerificationData.rfc3161Timestamps";
        ((JsonArray)Get(bundle, Part)).Add(((JsonArray)Get(other, Part))[0]!.DeepClone());
        Refused(Stamped.Verify(bundle), VerificationStep.Timestamps);
    }

    [TestMethod]
    public void Another_artifact_is_refused() =>
        Refused(new BundleVerifier(Promised.TrustedRoot).Verify(Promised.Bundle(), Artifact.OfContent("other"u8.ToArray()), Promised.Policy), VerificationStep.LogEntries);

    [TestMethod]
    [DataRow("someone else", Case.DefaultIssuer)]
    [DataRow(Case.DefaultIdentity, "https://issuer.example")]
    public void Another_identity_is_refused(string subject, string issuer) =>
        Refused(Verify(Promised, new CertificateIdentity { Subject = TextMatch.Exactly(subject), Issuer = TextMatch.Exactly(issuer) }), VerificationStep.Identity);

    [TestMethod]
    public void An_identity_may_be_a_pattern_and_name_claims()
    {
        var identity = new CertificateIdentity
        {
            Subject = TextMatch.Pattern("https://github\\.com/sigstore-conformance/.*"),
            Issuer = TextMatch.Exactly(Case.DefaultIssuer),
            Claims = new Dictionary<FulcioClaim, TextMatch>
            {
                [FulcioClaim.SourceRepositoryUri] = TextMatch.Exactly("https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon"),
                [FulcioClaim.SourceRepositoryRef] = TextMatch.Exactly("refs/heads/main"),
                [FulcioClaim.RunnerEnvironment] = TextMatch.Exactly("github-hosted"),
            }.ToImmutableDictionary(),
        };
        Assert.IsTrue(Verify(Promised, identity).Verified, Verify(Promised, identity).Reason);
        Refused(Verify(Promised, identity with { Claims = identity.Claims.SetItem(FulcioClaim.SourceRepositoryRef, TextMatch.Exactly("refs/heads/other")) }), VerificationStep.Identity);
        Refused(Verify(Promised, identity with { Subject = TextMatch.Pattern("https://github\\.com/sigstore") }), VerificationStep.Identity);
        Refused(Verify(Promised, identity with { WorkflowName = TextMatch.Exactly("another") }), VerificationStep.Identity);
    }

    [TestMethod]
    [DataRow(2, 1, 1, VerificationStep.InclusionProofs)]
    [DataRow(1, 2, 1, VerificationStep.CertificateTransparency)]
    [DataRow(1, 1, 2, VerificationStep.SigningTime)]
    public void A_threshold_above_what_the_bundle_has_refuses(int logs, int certificateLogs, int times, VerificationStep step) =>
        Refused(
            new BundleVerifier(Promised.TrustedRoot).Verify(Promised.Bundle(), Promised.Artifact, Promised.Policy with { LogThreshold = logs, CertificateLogThreshold = certificateLogs, TimeThreshold = times }),
            step);

    [TestMethod]
    [DataRow("certificateAuthorities", VerificationStep.CertificateChain)]
    [DataRow("tlogs", VerificationStep.SignedEntryTimestamps)]
    [DataRow("ctlogs", VerificationStep.CertificateTransparency)]
    public void Trust_that_ended_before_the_signature_refuses(string member, VerificationStep step)
    {
        var root = JsonNode.Parse(EmbeddedTrust.Read("public-good.trusted_root.json"))!;
        foreach (var item in root[member]!.AsArray())
        {
            (item!["publicKey"] ?? item)["validFor"]!["end"] = "2021-12-31T00:00:00Z";
        }

        Refused(new BundleVerifier(TrustedRoot.Parse(Encoding.UTF8.GetBytes(root.ToJsonString()))).Verify(Promised.Bundle(), Promised.Artifact, Promised.Policy), step);
    }

    [TestMethod]
    public void A_clock_that_is_behind_the_signature_refuses_and_says_so()
    {
        var result = new BundleVerifier(Promised.TrustedRoot, new FixedTime(new DateTimeOffset(2020, 1, 1, 0, 0, 0, TimeSpan.Zero))).Verify(Promised.Bundle(), Promised.Artifact, Promised.Policy);
        Refused(result, VerificationStep.SignedEntryTimestamps);
        StringAssert.Contains(result.Reason, "clock");
    }

    [TestMethod]
    public void A_verified_bundle_reads_and_writes_without_loss()
    {
        foreach (var good in (Case[])[Promised, Enveloped, Stamped])
        {
            Assert.IsTrue(good.Verify(Bundle.Parse(good.Bundle()).ToJson()).Verified, good.Name);
        }
    }

    private static VerificationResult Verify(Case good, CertificateIdentity identity) =>
        new BundleVerifier(good.TrustedRoot).Verify(good.Bundle(), good.Artifact, VerificationPolicy.ForIdentities(identity));

    private static void Refused(VerificationResult result, VerificationStep? step = null)
    {
        Assert.IsFalse(result.Verified);
        Assert.AreNotEqual("", result.Reason);
        Assert.IsNull(result.Certificate);
        if (step is not null)
        {
            Assert.AreEqual(step, result.Steps[^1].Step, result.Reason);
        }
    }

    private static JsonNode Get(JsonNode node, string path) => path.Split('.').Aggregate(node, (n, name) => n[name]!);

    private static void Put(JsonNode node, string path, JsonNode value)
    {
        var names = path.Split('.');
        names[..^1].Aggregate(node, (n, name) => n[name]!)[names[^1]] = value.DeepClone();
    }
}
