using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>From an image's name to the answer, through registries with and without the referrers API.</summary>
[TestClass]
public sealed class NotationVerifierTests
{
    [TestMethod]
    [DataRow("jws", true)]
    [DataRow("jws", false)]
    [DataRow("cose", true)]
    [DataRow("cose", false)]
    public async Task What_is_signed_verifies_in_each_envelope_and_kind_of_registry(string format, bool hasReferrersApi)
    {
        await using var fixture = new NotationFixture(hasReferrersApi: hasReferrersApi);
        await SignAsync(fixture, fixture.Image, format);
        using var trust = fixture.Trust();
        var result = await fixture.VerifyAsync(trust);
        Assert.IsTrue(result.Verified, Why(result));
        Assert.AreEqual(fixture.Image.Digest, result.Digest);
        Assert.AreEqual("notation", result.Signatures.Single().Format);
        Assert.AreEqual("acme", result.Signatures.Single().Signer);
        StringAssert.Contains(result.Signatures.Single().Identity, "acme");
    }

    [TestMethod]
    public async Task An_older_signature_that_says_what_it_is_in_its_config_verifies()
    {
        await using var fixture = new NotationFixture(hasReferrersApi: false);
        await fixture.AttachAsync(fixture.Forge().Write(NotationFixture.Cose, fixture.Signer), NotationFixture.Cose);
        var manifest = Listed(fixture);
        manifest.AsObject().Remove("artifactType");
        manifest["config"]!["mediaType"] = "application/vnd.cncf.notary.signature";
        Relist(fixture, manifest.ToJsonString());
        using var trust = fixture.Trust();
        var result = await fixture.VerifyAsync(trust);
        Assert.IsTrue(result.Verified, Why(result));
    }

    [TestMethod]
    public async Task Not_signed_and_signed_otherwise_and_signed_by_a_stranger_are_different_answers()
    {
        await using var fixture = new NotationFixture();
        using var trust = fixture.Trust();
        Assert.AreEqual(ContentTrustRules.NotSigned, (await fixture.VerifyAsync(trust)).Failures.Single().Rule);
        await fixture.Base.SignAsync(fixture.Image);
        Assert.AreEqual(ContentTrustRules.OtherFormat, (await fixture.VerifyAsync(trust)).Failures.Single().Rule);
        await SignAsync(fixture, fixture.Image);
        using var others = fixture.Trust(s => s["trustedIdentities"] = new JsonArray("x509.subject: C=DE, ST=HH, O=other"));
        var result = await fixture.VerifyAsync(others);
        Assert.AreEqual(ContentTrustRules.NoValidSignature, result.Failures.Single().Rule);
        StringAssert.Contains(Why(result), "none of the trusted identities");
        fixture.Store("ca", "acme", fixture.Stamps.Root);
        using var elsewhere = fixture.Trust();
        StringAssert.Contains(Why(await fixture.VerifyAsync(elsewhere)), "leads to no certificate");
    }

    [TestMethod]
    public async Task One_good_signature_among_bad_ones_is_enough()
    {
        await using var fixture = new NotationFixture();
        await fixture.AttachAsync("{}"u8.ToArray(), NotationFixture.Jws);
        await fixture.AttachAsync(fixture.Forge(image: fixture.Base.Other).Write(NotationFixture.Jws, fixture.Signer), NotationFixture.Jws);
        using var trust = fixture.Trust();
        Assert.HasCount(2, (await fixture.VerifyAsync(trust)).Failures.Single().Reasons);
        await SignAsync(fixture, fixture.Image);
        Assert.IsTrue((await fixture.VerifyAsync(trust)).Verified);
    }

    [TestMethod]
    public async Task A_signature_of_another_image_that_is_listed_here_does_not_count()
    {
        await using var fixture = new NotationFixture(hasReferrersApi: false);
        await SignAsync(fixture, fixture.Base.Other);
        var registry = fixture.Base.Registry;
        registry.Manifests[RegistryClient.FallbackTag(fixture.Image.Digest)] = registry.Manifests[RegistryClient.FallbackTag(fixture.Base.Other.Digest)];
        using var trust = fixture.Trust();
        Assert.AreEqual(ContentTrustRules.NotSigned, (await fixture.VerifyAsync(trust)).Failures.Single().Rule);
    }

    [TestMethod]
    [DataRow("two layers")]
    [DataRow("no layers")]
    [DataRow("another layer")]
    public async Task A_signature_manifest_of_another_form_is_a_reason(string form)
    {
        await using var fixture = new NotationFixture(hasReferrersApi: false);
        await fixture.AttachAsync(fixture.Forge().Write(NotationFixture.Jws, fixture.Signer), NotationFixture.Jws);
        var manifest = Listed(fixture);
        var layers = manifest["layers"]!.AsArray();
        switch (form)
        {
            case "two layers":
                layers.Add(layers[0]!.DeepClone());
                break;
            case "no layers":
                layers.Clear();
                break;
            default:
                layers[0]!["mediaType"] = "application/json";
                break;
        }

        Relist(fixture, manifest.ToJsonString());
        using var trust = fixture.Trust();
        Assert.AreEqual(ContentTrustRules.NoValidSignature, (await fixture.VerifyAsync(trust)).Failures.Single().Rule);
    }

    [TestMethod]
    public async Task Of_many_signatures_only_the_first_are_looked_at()
    {
        await using var fixture = new NotationFixture(hasReferrersApi: false);
        await fixture.AttachAsync("{}"u8.ToArray(), NotationFixture.Jws);
        var tag = RegistryClient.FallbackTag(fixture.Image.Digest);
        var index = fixture.Base.Registry.Json(tag);
        var one = index["manifests"]![0]!;
        index["manifests"] = new JsonArray([.. Enumerable.Range(0, 200).Select(_ => one.DeepClone())]);
        fixture.Base.Registry.Put(MediaTypes.OciIndex, index.ToJsonString(), tag);
        using var trust = fixture.Trust();
        StringAssert.Contains(Why(await fixture.VerifyAsync(trust)), "64");
    }

    [TestMethod]
    public async Task Every_platform_is_asked_where_that_is_wanted()
    {
        await using var fixture = new NotationFixture();
        await SignAsync(fixture, fixture.Base.Index);
        await SignAsync(fixture, fixture.Image);
        using var trust = fixture.Trust();
        Assert.IsTrue((await fixture.VerifyAsync(trust, "multi")).Verified);
        var result = await fixture.VerifyAsync(trust, "multi", everyPlatform: true);
        Assert.AreEqual(fixture.Base.Other.Digest, result.Failures.Single().Digest);
        await SignAsync(fixture, fixture.Base.Other);
        result = await fixture.VerifyAsync(trust, "multi", everyPlatform: true);
        Assert.IsTrue(result.Verified, Why(result));
        Assert.HasCount(3, result.Signatures);
    }

    [TestMethod]
    public async Task What_the_policy_skips_is_not_verified_and_not_refused()
    {
        await using var fixture = new NotationFixture();
        using var trust = fixture.Trust(s =>
        {
            s["registryScopes"] = new JsonArray($"{fixture.Base.Registry.Host}/{TrustFixture.Repository}");
            s["signatureVerification"]!["level"] = "skip";
            s.Remove("trustStores");
            s.Remove("trustedIdentities");
        });
        var result = await fixture.VerifyAsync(trust);
        Assert.IsFalse(result.Verified);
        Assert.IsEmpty(result.Failures);
        StringAssert.Contains(result.SkippedBy, "acme");
    }

    [TestMethod]
    public async Task What_no_statement_covers_is_refused()
    {
        await using var fixture = new NotationFixture();
        await SignAsync(fixture, fixture.Image);
        using var trust = fixture.Trust(s => s["registryScopes"] = new JsonArray("elsewhere.example/app"));
        Assert.AreEqual(ContentTrustRules.NoTrustRule, (await fixture.VerifyAsync(trust)).Failures.Single().Rule);
    }

    [TestMethod]
    public async Task A_store_that_is_missing_is_an_error_and_no_refusal()
    {
        await using var fixture = new NotationFixture();
        await SignAsync(fixture, fixture.Image);
        using var trust = fixture.Trust(s => s["trustStores"] = new JsonArray("ca:nowhere"));
        Assert.AreEqual("CBG3007", (await Assert.ThrowsExactlyAsync<GuardException>(() => fixture.VerifyAsync(trust))).Code);
    }

    [TestMethod]
    [DataRow("/referrers/", 500)]
    [DataRow("/blobs/", 403)]
    public async Task A_lookup_that_fails_is_an_error_and_never_not_signed(string path, int status)
    {
        await using var fixture = new NotationFixture();
        await SignAsync(fixture, fixture.Image);
        fixture.Base.Registry.Before = request => request.Path.Contains(path, StringComparison.Ordinal) ? new ServerAnswer(status, []) : null;
        using var trust = fixture.Trust();
        await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.VerifyAsync(trust));
    }

    [TestMethod]
    public async Task Of_many_signatures_only_the_first_are_looked_at_and_of_too_many_none()
    {
        await using var fixture = new NotationFixture(hasReferrersApi: false);
        await SignAsync(fixture, fixture.Image);
        using var strangers = fixture.Trust(s => s["trustedIdentities"] = new JsonArray("x509.subject: C=DE, ST=HH, O=other"));
        var requests = 0;
        fixture.Base.Registry.Before = _ =>
        {
            Interlocked.Increment(ref requests);
            return null;
        };
        Repeat(200);
        var result = await fixture.VerifyAsync(strangers);
        Assert.IsLessThan(250, requests);
        StringAssert.Contains(Why(result), "more than 64 referrers");
        Repeat(3000);
        Assert.AreEqual(ImageError.LimitExceeded, (await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.VerifyAsync(strangers))).Error);

        void Repeat(int times)
        {
            var tag = RegistryClient.FallbackTag(fixture.Image.Digest);
            var index = fixture.Base.Registry.Json(tag);
            index["manifests"] = new JsonArray([.. Enumerable.Repeat(index["manifests"]![0]!, times).Select(m => m.DeepClone())]);
            fixture.Base.Registry.Put(MediaTypes.OciIndex, index.ToJsonString(), tag);
        }
    }

    private static async Task SignAsync(NotationFixture fixture, Descriptor image, string format = "jws")
    {
        using var signing = await NotationSigning.OpenAsync(new NotationSigningOptions { Key = fixture.KeyOf(fixture.Signer), Format = format }, CancellationToken.None);
        await signing.SignAsync(fixture.Base.Client, fixture.Base.Registry.Host, TrustFixture.Repository, [image], CancellationToken.None);
    }

    private static string Why(ImageVerification result) => string.Join("; ", result.Failures.SelectMany(f => f.Reasons));

    private static JsonNode Listed(NotationFixture fixture) =>
        fixture.Base.Registry.Json((string)fixture.Base.Registry.Json(RegistryClient.FallbackTag(fixture.Image.Digest))["manifests"]![0]!["digest"]!);

    /// <summary>Lists this manifest in place of what was listed.</summary>
    private static void Relist(NotationFixture fixture, string manifest)
    {
        var put = fixture.Base.Registry.Put(MediaTypes.OciManifest, manifest);
        fixture.Base.Registry.Put(MediaTypes.OciIndex, new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JsonArray(put.ToJson()) }.ToJsonString(), RegistryClient.FallbackTag(fixture.Image.Digest));
    }
}
