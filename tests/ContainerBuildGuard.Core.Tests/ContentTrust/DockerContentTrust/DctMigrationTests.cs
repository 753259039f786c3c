using System.Text.Json;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

[TestClass]
public sealed class DctMigrationTests
{
    [TestMethod]
    public async Task What_was_signed_and_is_served_is_signed_anew_with_its_evidence()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        await using var keys = new TrustFixture();
        fixture.Sign("targets", "2.0", fixture.Other);
        fixture.Notary.Publish();
        var report = await RunAsync(fixture, keys.Signer);
        Assert.IsTrue(report.Complete);
        CollectionAssert.AreEqual(new[] { "1.0 Migrated alice", "2.0 Migrated Repo Admin" }, report.Tags.Select(t => $"{t.Tag} {t.Outcome} {string.Join(',', t.Signers)}").ToArray());
        var rule = keys.Rule(keys.Signer) with { Attestations = [new RequiredAttestation { Type = PredicateTypes.DctMigration }] };
        var signers = await TrustedSigners.OpenAsync(rule.Signers, null, offline: true, CancellationToken.None);
        foreach (var tag in (string[])["1.0", "2.0"])
        {
            Assert.IsTrue((await ImageVerifier.VerifyAsync(fixture.Client, ImageReference.Parse($"{fixture.Name}:{tag}"), rule, signers, ["bundle"], CancellationToken.None)).Verified, tag);
        }

        var evidence = report.Evidence!;
        Assert.AreEqual(fixture.Notary.Root.Keys[0].Id, (string?)evidence["rootKeys"]![0]);
        CollectionAssert.AreEqual(new[] { "root", "timestamp", "snapshot", "targets", "targets/alice", "targets/releases" }, evidence["roles"]!.AsArray().Select(r => (string)r!["name"]!).ToArray());
        Assert.AreEqual(fixture.Notary.Targets.Keys[0].Id, (string?)evidence["roles"]![3]!["signedBy"]![0]);
        StringAssert.Contains(Attested(fixture), "\"tags\":[{\"tag\":\"1.0\",\"signers\":[\"alice\"]}]");
    }

    [TestMethod]
    public async Task A_dry_run_writes_nothing()
    {
        await using var fixture = await DctFixture.CreateAsync();
        var before = fixture.Registry.Manifests.Count;
        var report = await RunAsync(fixture, null);
        Assert.IsTrue(report.Complete);
        Assert.AreEqual(DctMigrationOutcome.Ready, report.Tags.Single().Outcome);
        Assert.HasCount(before, fixture.Registry.Manifests);
    }

    [TestMethod]
    public async Task A_tag_that_is_served_otherwise_or_not_at_all_is_not_signed()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await using var keys = new TrustFixture();
        fixture.Sign("targets", "2.0", fixture.Image);
        fixture.Sign("targets", "gone", fixture.Image);
        fixture.Notary.Publish();
        var report = await RunAsync(fixture, keys.Signer);
        Assert.IsFalse(report.Complete);
        CollectionAssert.AreEqual(new[] { "1.0 Migrated", "2.0 Moved", "gone Missing" }, report.Tags.Select(t => $"{t.Tag} {t.Outcome}").ToArray());
        StringAssert.Contains(report.Tags[1].Detail, fixture.Other.Digest.ToString());
        var asked = await RunAsync(fixture, null, new DctMigrationOptions { Tags = ["1.0", "other"] });
        Assert.AreEqual(DctMigrationOutcome.NotSigned, asked.Tags[1].Outcome);
    }

    [TestMethod]
    public async Task Data_past_its_end_is_refused_unless_it_is_accepted_and_then_listed()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        await using var keys = new TrustFixture();
        var key = fixture.Notary.Root.Keys[0].Private;
        fixture.Notary.Root.Keys = [NotaryKey.Ecdsa(fixture.Name, key: key, notAfter: DateTimeOffset.UtcNow.AddDays(-1))];
        foreach (var role in (string[])["timestamp", "targets/releases"])
        {
            fixture.Notary[role].Expires = DateTimeOffset.UtcNow.AddDays(-30);
        }

        fixture.Notary.Publish();
        var refused = await RunAsync(fixture, keys.Signer);
        Assert.AreEqual(DctRules.Expired, refused.Refusal!.Rule);
        Assert.IsFalse(refused.Complete);
        var accepted = await RunAsync(fixture, keys.Signer, new DctMigrationOptions { AcceptExpired = true });
        Assert.IsTrue(accepted.Complete);
        Assert.HasCount(2, accepted.Expired);
        StringAssert.Contains(Attested(fixture), "\"expired\":[\"timestamp (");

        // What was only accepted is not remembered as trusted.
        Assert.IsFalse(Directory.Exists(fixture.Store));
    }

    [TestMethod]
    public async Task Data_that_does_not_verify_is_not_accepted_for_being_old()
    {
        await using var fixture = await DctFixture.CreateAsync();
        fixture.Notary.Targets.SignedBy = [NotaryKey.Ecdsa()];
        fixture.Notary.Publish();
        Assert.AreEqual(DctRules.Refused, (await RunAsync(fixture, null, new DctMigrationOptions { AcceptExpired = true })).Refusal!.Rule);
    }

    private static Task<DctMigrationReport> RunAsync(DctFixture fixture, BundleSigner? signer, DctMigrationOptions? options = null) =>
        DctMigration.RunAsync(fixture.Client, ImageReference.Parse($"{fixture.Name}:1.0"), fixture.Trust, signer, options ?? new DctMigrationOptions(), CancellationToken.None);

    /// <summary>The attestations in the registry, as text.</summary>
    private static string Attested(DctFixture fixture) => string.Concat(fixture.Registry.Blobs.Values
        .Where(b => b.Length > 2)
        .Select(b => JsonDocument.Parse(b).RootElement.GetProperty("dsseEnvelope").GetProperty("payload").GetBytesFromBase64())
        .Select(System.Text.Encoding.UTF8.GetString));
}
