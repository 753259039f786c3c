using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration.Containers;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Deploying;

[TestClass]
public sealed class RunningImageTrustTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void A_policy_without_trust_rules_asks_nothing() => Assert.IsNull(RunningImageTrust.Of(Policy.Default, offline: false));

    [TestMethod]
    public async Task The_answer_is_the_registrys_and_the_rules()
    {
        await using var fixture = new TrustFixture();
        Assert.AreEqual((ImageTrustAnswer.Untrusted, "it has no signature"), await AnswerAsync(fixture));
        await fixture.SignAsync(fixture.Image);
        Assert.AreEqual((ImageTrustAnswer.Trusted, ""), await AnswerAsync(fixture));
        Assert.AreEqual(ImageTrustAnswer.Untrusted, (await AnswerAsync(fixture, rule: fixture.Rule(fixture.NewSigner()))).Answer);
        Assert.AreEqual(ImageTrustAnswer.NoRule, (await AnswerAsync(fixture, rule: fixture.Rule(fixture.Signer) with { Images = ["example.com/*"] })).Answer);
    }

    [TestMethod]
    public async Task What_cannot_be_looked_up_is_unknown_and_not_unsigned()
    {
        await using var fixture = new TrustFixture();
        Assert.AreEqual((ImageTrustAnswer.Unknown, "its registry is not asked offline"), await AnswerAsync(fixture, offline: true));
        fixture.Registry.Before = _ => new ServerAnswer(403, []);
        Assert.AreEqual(ImageTrustAnswer.Unknown, (await AnswerAsync(fixture)).Answer);
        fixture.Registry.Before = _ => null;
        Assert.AreEqual(ImageTrustAnswer.Unknown, (await AnswerAsync(fixture, rule: new TrustRule { Signers = [new TrustedSigner { Key = "/nonexistent.pub" }] })).Answer);
        Assert.AreEqual(ImageTrustAnswer.Unknown, (await AnswerAsync(fixture, image: "Not A Name@")).Answer);
    }

    [TestMethod]
    [Timeout(60_000)]
    public async Task An_audit_refuses_a_running_image_that_is_not_signed_and_passes_one_that_is()
    {
        await using var fixture = new TrustFixture();
        await using var engine = await FakeEngine.StartAsync();
        engine.Create("shop");
        engine.Digests = [$"{fixture.Registry.Host}/{TrustFixture.Repository}@{fixture.Image.Digest}"];
        Assert.AreEqual(AuditOutcome.Failed, await OutcomeAsync(engine, fixture));
        await fixture.SignAsync(fixture.Image);
        Assert.AreEqual(AuditOutcome.Passed, await OutcomeAsync(engine, fixture));
        engine.Digests = [];
        Assert.AreEqual(AuditOutcome.NotChecked, await OutcomeAsync(engine, fixture));
    }

    private async Task<AuditOutcome> OutcomeAsync(FakeEngine engine, TrustFixture fixture)
    {
        var policy = Policy.Default with { Trust = [fixture.Rule(fixture.Signer)] };
        using var trust = RunningImageTrust.Of(policy, offline: false)!;
        var result = await ContainerAudit.RunAsync(new EngineEndpoint(engine.Address), policy, trust.AskAsync, TimeProvider.System, TestContext.CancellationToken);
        Assert.AreEqual(result.Findings.Any(f => f is { Code: "CBG2447", Severity: Severity.High }), result.Refusing.Any(f => f.Code == "CBG2447"));
        return result.Checks.Single(c => c.Rule.Code == "CBG2447").Outcome;
    }

    private async Task<(ImageTrustAnswer Answer, string Reason)> AnswerAsync(TrustFixture fixture, TrustRule? rule = null, bool offline = false, string? image = null)
    {
        using var trust = RunningImageTrust.Of(Policy.Default with { Trust = [rule ?? fixture.Rule(fixture.Signer)] }, offline)!;
        var answer = await trust.AskAsync(image ?? $"{fixture.Registry.Host}/{TrustFixture.Repository}@{fixture.Image.Digest}", TestContext.CancellationToken);
        return (answer.Answer, answer.Reason);
    }
}
