using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

[TestClass]
public sealed class DctVerifierTests
{
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task A_signed_tag_verifies_in_either_role_that_docker_looks_into(bool releases)
    {
        await using var fixture = await DctFixture.CreateAsync(releases);
        var result = await fixture.VerifyAsync();
        Assert.IsTrue(result.Verified);
        var signature = result.Signatures.Single();
        Assert.AreEqual((fixture.Image.Digest, "Repo Admin", "dct"), (signature.Digest, signature.Signer, signature.Format));
        StringAssert.StartsWith(signature.Identity, releases ? "targets/releases of" : "targets of");
        StringAssert.Contains(result.Notes.Single(), fixture.Notary.Root.Keys[0].Id);
        Assert.IsEmpty((await fixture.VerifyAsync()).Notes, "The root key is known by now.");
    }

    [TestMethod]
    [DataRow("ecdsa")]
    [DataRow("ecdsa-384")]
    [DataRow("ecdsa-x509")]
    [DataRow("rsa")]
    [DataRow("rsa-x509")]
    [DataRow("ed25519")]
    public async Task Every_kind_of_key_signs(string kind)
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        foreach (var role in (string[])["timestamp", "snapshot", "targets", "targets/releases"])
        {
            fixture.Notary[role].Keys = [NotaryKey.Of(kind, fixture.Name)];
        }

        if (kind.EndsWith("-x509", StringComparison.Ordinal))
        {
            fixture.Notary.Root.Keys = [NotaryKey.Of(kind, fixture.Name)];
        }

        fixture.Notary.Publish();
        await fixture.PassAsync();
    }

    [TestMethod]
    public async Task Each_way_to_say_no_is_an_answer_of_its_own()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await fixture.RefuseAsync(DctRules.TagNotSigned, "signed are 1.0", ":2.0");
        fixture.Sign("targets", "2.0", fixture.Image);
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.OtherDigest, fixture.Image.Digest.ToString(), ":2.0");
        fixture.Notary.Files.Clear();
        await fixture.RefuseAsync(DctRules.NoTrustData, "had some before");
        await fixture.RefuseAsync(DctRules.NoTrustData, "no trust data of the repository", trust: fixture.Trust with { Store = fixture.At("another") });
    }

    [TestMethod]
    public async Task A_released_tag_wins_over_the_repositorys_own()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        fixture.Sign("targets", "1.0", fixture.Other);
        fixture.Notary.Publish();
        await fixture.PassAsync();
        fixture.Notary["targets/releases"].Tags.Clear();
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.OtherDigest, fixture.Other.Digest.ToString());
    }

    [TestMethod]
    public async Task A_delegation_counts_where_docker_looks_and_for_its_paths_alone()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        fixture.Notary["targets/releases"].Paths = ["2.", "3."];
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.TagNotSigned, "may not sign it by its paths");
        fixture.Notary["targets/releases"].Paths = ["2.", "1."];
        fixture.Notary.Publish();
        await fixture.PassAsync();
        fixture.Notary.Delegations.Remove("targets/releases");
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.TagNotSigned, "alice signs it, which does not release it", trust: fixture.Trust with { Signers = ["alice"] });
    }

    [TestMethod]
    public async Task A_signer_who_is_asked_for_must_have_signed_the_same()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        var trust = fixture.Trust with { Signers = ["alice"] };
        var result = await fixture.VerifyAsync(trust: trust);
        CollectionAssert.AreEqual(new[] { "Repo Admin", "alice" }, result.Signatures.Select(s => s.Signer).ToArray());
        await fixture.RefuseAsync(DctRules.TagNotSigned, "not signed by bob", trust: trust with { Signers = ["alice", "bob"] });
        fixture.Sign("targets/alice", "1.0", fixture.Other);
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.TagNotSigned, "not signed by alice", trust: trust);
    }

    [TestMethod]
    public async Task A_digest_alone_needs_a_tag_that_is_signed_for_it()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        await fixture.PassAsync($"@{fixture.Image.Digest}");
        await fixture.PassAsync($":1.0@{fixture.Image.Digest}");
        await fixture.RefuseAsync(DctRules.TagNotSigned, "no tag is signed for its digest", $"@{fixture.Other.Digest}");
        await fixture.RefuseAsync(DctRules.OtherDigest, "1.0", $":1.0@{fixture.Other.Digest}");
    }

    [TestMethod]
    public async Task Offline_what_is_stored_and_good_verifies_and_everything_else_is_unknown()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        var offline = fixture.Trust with { Offline = true };
        await fixture.UnknownAsync("no trust data", offline);
        await fixture.PassAsync();
        fixture.Notary.Requests.Clear();
        await fixture.PassAsync(trust: offline);
        await fixture.RefuseAsync(DctRules.TagNotSigned, "2.0", ":2.0", offline);
        await fixture.UnknownAsync("targets/alice", offline with { Signers = ["alice"] });
        Assert.IsEmpty(fixture.Notary.Requests);
        File.Delete(Path.Combine(fixture.Store, fixture.Name, "metadata", "snapshot.json"));
        await fixture.UnknownAsync("snapshot", offline);
    }

    [TestMethod]
    public async Task Offline_data_past_its_end_is_unknown()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await fixture.PassAsync();
        fixture.Notary.Timestamp.Expires = DateTimeOffset.UtcNow.AddHours(-1);
        fixture.Notary.Publish();
        await File.WriteAllBytesAsync(Path.Combine(fixture.Store, fixture.Name, "metadata", "timestamp.json"), fixture.Notary.Files["timestamp.json"]);
        await fixture.UnknownAsync("expired", fixture.Trust with { Offline = true });
    }

    [TestMethod]
    public async Task What_did_not_change_is_not_fetched_again()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        await fixture.PassAsync();
        fixture.Notary.Requests.Clear();
        await fixture.PassAsync();
        Assert.HasCount(2, fixture.Notary.Requests, string.Join(", ", fixture.Notary.Requests));
    }

    [TestMethod]
    public async Task A_rule_with_signers_needs_both()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await using var keys = new TrustFixture();
        var rule = keys.Rule(keys.Signer) with { Dct = fixture.Trust };
        var image = Images.ImageReference.Parse($"{fixture.Name}:1.0");
        var result = await VerifyAsync(rule);
        Assert.AreEqual(ContentTrustRules.NotSigned, result.Failures.Single().Rule);
        await ImageSigner.SignAsync(fixture.Client, fixture.Registry.Host, DctFixture.Repository, [fixture.Image], keys.Signer, ["bundle"], CancellationToken.None);
        result = await VerifyAsync(rule);
        Assert.IsTrue(result.Verified);
        CollectionAssert.AreEqual(new[] { "dct", "bundle" }, result.Signatures.Select(s => s.Format).ToArray());
        fixture.Notary.Targets.Tags.Clear();
        fixture.Notary.Publish();
        result = await VerifyAsync(rule);
        Assert.AreEqual(DctRules.TagNotSigned, result.Failures.Single().Rule);
        var attestation = rule with { Signers = [], Attestations = [new Policies.RequiredAttestation { Type = "sbom" }] };
        await Assert.ThrowsExactlyAsync<GuardException>(() => VerifyAsync(attestation));

        async Task<ImageVerification> VerifyAsync(Policies.TrustRule asked) =>
            (await TrustRuleVerifier.VerifyAsync(fixture.Client, image, asked, null, ["bundle"], offline: false, CancellationToken.None)).Verification;
    }
}
