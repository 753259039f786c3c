using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust;

[TestClass]
public sealed class AttestationTests
{
    private const string Provenance = """
        {"buildDefinition":{"externalParameters":{"source":"https://github.com/acme/app"},"resolvedDependencies":[{"uri":"git+https://github.com/acme/app@refs/heads/main"}]},
         "runDetails":{"builder":{"id":"https://github.com/actions/runner/github-hosted"},"metadata":{"finishedOn":"2020-01-01T00:00:00Z"}}}
        """;

    private const string Report = """{"verdict":"passed","checkedAt":"2020-01-01T00:00:00Z","findings":[{"severity":"medium","advisory":{"id":"CVE-2024-0001"}},{"severity":"critical","advisory":null}]}""";
    private const string Trivy = """{"scanner":{"result":{"Results":[{"Vulnerabilities":[{"VulnerabilityID":"CVE-2024-0002","Severity":"HIGH"}]}]}}}""";

    [TestMethod]
    [DataRow("bundle", true)]
    [DataRow("bundle", false)]
    [DataRow("legacy", true)]
    public async Task An_attestation_is_attached_found_and_required(string format, bool hasReferrersApi)
    {
        await using var fixture = new TrustFixture(hasReferrersApi);
        var rule = fixture.Rule(fixture.Signer) with { Attestations = [new RequiredAttestation { Type = "guard", Verdict = "passed" }] };
        await fixture.SignAsync(fixture.Image, null, format);
        Assert.AreEqual(ContentTrustRules.AttestationMissing, (await fixture.VerifyAsync(rule: rule)).Failures.Single().Rule);
        await AttestAsync(fixture, PredicateTypes.Guard, Report, format);
        var result = await fixture.VerifyAsync(rule: rule);
        Assert.IsTrue(result.Verified, string.Join("; ", result.Failures.SelectMany(f => f.Reasons)));
        Assert.IsTrue(result.Signatures.Any(s => s.PredicateType == PredicateTypes.Guard && s.Format == format));
    }

    [TestMethod]
    public async Task An_attestation_is_no_signature()
    {
        await using var fixture = new TrustFixture();
        await AttestAsync(fixture, PredicateTypes.Guard, Report, "bundle");
        Assert.AreEqual(ContentTrustRules.NotSigned, (await fixture.VerifyAsync()).Failures.Single().Rule);
    }

    [TestMethod]
    public async Task An_attestation_by_nobody_who_is_trusted_does_not_count()
    {
        await using var fixture = new TrustFixture();
        await fixture.SignAsync(fixture.Image);
        await AttestAsync(fixture, PredicateTypes.Guard, Report, "bundle", fixture.NewSigner());
        var result = await fixture.VerifyAsync(rule: fixture.Rule(fixture.Signer) with { Attestations = [new RequiredAttestation { Type = "guard" }] });
        Assert.AreEqual(ContentTrustRules.AttestationMissing, result.Failures.Single().Rule);
        Assert.IsNotEmpty(result.Failures.Single().Reasons);
    }

    public static IEnumerable<object?[]> Conditions =>
    [
        [new RequiredAttestation { Type = "slsa-provenance", Builder = "https://github.com/actions/runner/*" }, Provenance, true],
        [new RequiredAttestation { Type = "slsa-provenance", Builder = "https://example.com/*" }, Provenance, false],
        [new RequiredAttestation { Type = "slsa-provenance", Source = "https://github.com/acme/app" }, Provenance, true],
        [new RequiredAttestation { Type = "slsa-provenance", Source = "https://github.com/acme/other" }, Provenance, false],
        [new RequiredAttestation { Type = "slsa-provenance", Builder = "*" }, "{}", false],
        [new RequiredAttestation { Type = "slsa-provenance", MaxAge = TimeSpan.FromDays(30) }, Provenance, false],
        [new RequiredAttestation { Type = "slsa-provenance", MaxAge = TimeSpan.FromDays(30_000) }, Provenance, true],
        [new RequiredAttestation { Type = "slsa-provenance", MaxAge = TimeSpan.FromDays(30) }, "{}", false],
        [new RequiredAttestation { Type = "guard", Verdict = "passed" }, Report, true],
        [new RequiredAttestation { Type = "guard", Verdict = "refused" }, Report, false],
        [new RequiredAttestation { Type = "guard", NoVulnerability = Severity.High }, Report, true],
        [new RequiredAttestation { Type = "guard", NoVulnerability = Severity.Medium }, Report, false],
        [new RequiredAttestation { Type = "vulnerabilities", NoVulnerability = Severity.Critical }, Trivy, true],
        [new RequiredAttestation { Type = "vulnerabilities", NoVulnerability = Severity.High }, Trivy, false],
        [new RequiredAttestation { Type = "vulnerabilities", NoVulnerability = Severity.High }, "{}", false],
    ];

    [TestMethod]
    [DynamicData(nameof(Conditions))]
    public void A_condition_holds_only_where_the_predicate_says_so(RequiredAttestation wanted, string predicate, bool holds)
    {
        using var document = System.Text.Json.JsonDocument.Parse(predicate);
        var reason = AttestationConditions.Check(wanted, document.RootElement, null, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        Assert.AreEqual(holds, reason is null, reason);
    }

    private static Task AttestAsync(TrustFixture fixture, string predicateType, string predicate, string format, Sigstore.BundleSigner? signer = null) =>
        ImageSigner.AttestAsync(fixture.Client, fixture.Registry.Host, TrustFixture.Repository, fixture.Image, signer ?? fixture.Signer, predicateType, JsonNode.Parse(predicate)!, [format], CancellationToken.None);
}
