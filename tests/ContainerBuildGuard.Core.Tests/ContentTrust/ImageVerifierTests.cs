using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.ContentTrust.Cosign;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust;

[TestClass]
public sealed class ImageVerifierTests
{
    [TestMethod]
    [DataRow("bundle", true)]
    [DataRow("bundle", false)]
    [DataRow("legacy", true)]
    [DataRow("legacy", false)]
    public async Task A_signed_image_verifies_in_each_format_and_kind_of_registry(string format, bool hasReferrersApi)
    {
        await using var fixture = new TrustFixture(hasReferrersApi);
        await fixture.SignAsync(fixture.Image, null, format);
        var result = await fixture.VerifyAsync();
        Assert.IsTrue(result.Verified, string.Join("; ", result.Failures.Select(f => f.What)));
        Assert.AreEqual(fixture.Image.Digest, result.Digest);
        Assert.AreEqual(format, result.Signatures.Single().Format);
    }

    [TestMethod]
    public async Task Not_signed_and_signed_otherwise_and_signed_by_someone_else_are_different_answers()
    {
        await using var fixture = new TrustFixture();
        await RefusedAsync(fixture, ContentTrustRules.NotSigned);
        await fixture.SignAsync(fixture.Image, null, "legacy");
        await RefusedAsync(fixture, ContentTrustRules.OtherFormat, formats: "bundle");
        await RefusedAsync(fixture, ContentTrustRules.NoValidSignature, fixture.Rule(fixture.NewSigner()));
    }

    [TestMethod]
    [DataRow("/referrers/", 500)]
    [DataRow("/referrers/", 403)]
    [DataRow(".sig", 503)]
    public async Task A_lookup_that_fails_is_an_error_and_never_not_signed(string path, int status)
    {
        await using var fixture = new TrustFixture();
        fixture.Registry.Before = request => request.Path.Contains(path, StringComparison.Ordinal) ? new ServerAnswer(status, []) : null;
        await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.VerifyAsync());
    }

    [TestMethod]
    public async Task A_signature_of_the_notary_project_is_named()
    {
        await using var fixture = new TrustFixture();
        fixture.Registry.Put(MediaTypes.OciManifest, $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","artifactType":"application/vnd.cncf.notary.signature","config":{"mediaType":"{{{MediaTypes.OciEmpty}}}","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[],"subject":{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"{{{fixture.Image.Digest}}}","size":{{{fixture.Image.Size}}}}}""");
        var result = await fixture.VerifyAsync();
        Assert.AreEqual(ContentTrustRules.OtherFormat, result.Failures.Single().Rule);
        StringAssert.Contains(result.Failures.Single().What, "Notary");
    }

    [TestMethod]
    public async Task A_moved_tag_does_not_verify()
    {
        await using var fixture = new TrustFixture();
        await fixture.SignAsync(fixture.Image);
        await RefusedAsync(fixture, ContentTrustRules.NotSigned, tag: "other");
    }

    [TestMethod]
    [DataRow("bundle")]
    [DataRow("legacy")]
    public async Task A_signature_that_is_offered_for_another_digest_is_refused(string format)
    {
        await using var fixture = new TrustFixture(hasReferrersApi: format == "legacy");
        await fixture.SignAsync(fixture.Image, null, format);
        if (format == "legacy")
        {
            fixture.Registry.Manifests[SignatureStore.Tag(fixture.Other.Digest, "sig")] = fixture.Registry.Manifests[SignatureStore.Tag(fixture.Image.Digest, "sig")];
            await RefusedAsync(fixture, ContentTrustRules.NoValidSignature, tag: "other");
            return;
        }

        // The fallback index is anybody's: the listed manifest says itself that it is about another image.
        fixture.Registry.Manifests[RegistryClient.FallbackTag(fixture.Other.Digest)] = fixture.Registry.Manifests[RegistryClient.FallbackTag(fixture.Image.Digest)];
        await RefusedAsync(fixture, ContentTrustRules.NotSigned, tag: "other");
        var listed = (string)fixture.Registry.Json(RegistryClient.FallbackTag(fixture.Image.Digest))["manifests"]![0]!["digest"]!;
        var manifest = fixture.Registry.Json(listed);
        manifest["subject"]!["digest"] = fixture.Other.Digest.ToString();
        var forged = fixture.Registry.Put(MediaTypes.OciManifest, manifest.ToJsonString());
        fixture.Registry.Put(MediaTypes.OciIndex, $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciIndex}}}","manifests":[{"mediaType":"{{{forged.MediaType}}}","digest":"{{{forged.Digest}}}","size":{{{forged.Size}}}}]}""", RegistryClient.FallbackTag(fixture.Other.Digest));
        await RefusedAsync(fixture, ContentTrustRules.NoValidSignature, tag: "other");
    }

    [TestMethod]
    public async Task A_fallback_index_without_artifact_types_is_read_all_the_same()
    {
        await using var fixture = new TrustFixture(hasReferrersApi: false);
        await fixture.SignAsync(fixture.Image);
        var tag = RegistryClient.FallbackTag(fixture.Image.Digest);
        var index = fixture.Registry.Json(tag);
        index["manifests"]![0]!.AsObject().Remove("artifactType");
        index["manifests"]![0]!.AsObject().Remove("annotations");
        fixture.Registry.Put(MediaTypes.OciIndex, index.ToJsonString(), tag);
        Assert.IsTrue((await fixture.VerifyAsync()).Verified);
    }

    [TestMethod]
    [DataRow("bundle")]
    [DataRow("legacy")]
    public async Task Signers_are_counted_against_the_threshold(string format)
    {
        await using var fixture = new TrustFixture();
        var second = fixture.NewSigner();
        var rule = fixture.Rule(fixture.Signer, second) with { Threshold = 2 };
        await fixture.SignAsync(fixture.Image, null, format);
        await fixture.SignAsync(fixture.Image, null, format);
        await RefusedAsync(fixture, ContentTrustRules.NoValidSignature, rule);
        await fixture.SignAsync(fixture.Image, second, format);
        Assert.IsTrue((await fixture.VerifyAsync(rule: rule)).Verified);
    }

    [TestMethod]
    public async Task Every_platform_is_asked_where_the_rule_says_so()
    {
        await using var fixture = new TrustFixture();
        await fixture.SignAsync(fixture.Index);
        await fixture.SignAsync(fixture.Image);
        Assert.IsTrue((await fixture.VerifyAsync("multi")).Verified);
        var result = await fixture.VerifyAsync("multi", fixture.Rule(fixture.Signer) with { EveryPlatform = true });
        Assert.AreEqual(fixture.Other.Digest, result.Failures.Single().Digest);
        await fixture.SignAsync(fixture.Other);
        result = await fixture.VerifyAsync("multi", fixture.Rule(fixture.Signer) with { EveryPlatform = true });
        Assert.IsTrue(result.Verified);
        Assert.HasCount(3, result.Manifests);
    }

    [TestMethod]
    [DataRow("""{"schemaVersion":2}""")]
    [DataRow("no json")]
    [DataRow(null)]
    public async Task A_broken_referrer_does_not_hide_a_good_one(string? content)
    {
        await using var fixture = new TrustFixture(hasReferrersApi: false);
        await fixture.SignAsync(fixture.Image);
        var tag = RegistryClient.FallbackTag(fixture.Image.Digest);
        var index = fixture.Registry.Json(tag);
        var broken = Descriptor.Of(MediaTypes.OciManifest, Encoding.UTF8.GetBytes(content ?? "gone"));
        if (content is not null)
        {
            fixture.Registry.Put(MediaTypes.OciManifest, content);
        }

        index["manifests"]!.AsArray().Insert(0, new JsonObject { ["mediaType"] = broken.MediaType, ["digest"] = broken.Digest.ToString(), ["size"] = broken.Size });
        fixture.Registry.Put(MediaTypes.OciIndex, index.ToJsonString(), tag);
        Assert.IsTrue((await fixture.VerifyAsync()).Verified);
        await RefusedAsync(fixture, ContentTrustRules.NoValidSignature, fixture.Rule(fixture.NewSigner()));
    }

    [TestMethod]
    public async Task Of_many_signatures_only_the_first_are_looked_at()
    {
        await using var fixture = new TrustFixture(hasReferrersApi: false);
        await fixture.SignAsync(fixture.Image, fixture.NewSigner());
        var tag = RegistryClient.FallbackTag(fixture.Image.Digest);
        var index = fixture.Registry.Json(tag);
        var one = index["manifests"]![0]!;
        index["manifests"] = new JsonArray([.. Enumerable.Range(0, 200).Select(_ => one.DeepClone())]);
        fixture.Registry.Put(MediaTypes.OciIndex, index.ToJsonString(), tag);
        var requests = 0;
        fixture.Registry.Before = _ =>
        {
            Interlocked.Increment(ref requests);
            return null;
        };
        var result = await fixture.VerifyAsync();
        Assert.IsLessThan(250, requests);
        Assert.IsTrue(result.Failures.Single().Reasons.Any(r => r.Contains("64", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow(900, "64")]
    [DataRow(3000, "1000")]
    public async Task Of_thousands_of_older_signatures_only_the_first_are_looked_at_and_a_bundle_still_counts(int count, string said)
    {
        await using var fixture = new TrustFixture();
        await fixture.SignAsync(fixture.Image, fixture.NewSigner(), "legacy");
        var tag = SignatureStore.Tag(fixture.Image.Digest, "sig");
        var manifest = fixture.Registry.Json(tag);
        var one = manifest["layers"]![0]!;
        manifest["layers"] = new JsonArray([.. Enumerable.Range(0, count).Select(_ => one.DeepClone())]);
        fixture.Registry.Put(MediaTypes.OciManifest, manifest.ToJsonString(), tag);
        var requests = 0;
        fixture.Registry.Before = _ =>
        {
            Interlocked.Increment(ref requests);
            return null;
        };
        var result = await fixture.VerifyAsync();
        Assert.IsLessThan(100, requests);
        Assert.AreEqual(ContentTrustRules.NoValidSignature, result.Failures.Single().Rule);
        Assert.IsTrue(result.Failures.Single().Reasons.Any(r => r.Contains(said, StringComparison.Ordinal)));
        await fixture.SignAsync(fixture.Image);
        Assert.IsTrue((await fixture.VerifyAsync()).Verified);
    }

    [TestMethod]
    [DataRow("gone")]
    [DataRow("not a manifest")]
    public async Task What_is_broken_under_the_older_tag_does_not_hide_a_bundle(string what)
    {
        await using var fixture = new TrustFixture();
        await fixture.SignAsync(fixture.Image, fixture.NewSigner(), "legacy");
        var tag = SignatureStore.Tag(fixture.Image.Digest, "sig");
        if (what == "gone")
        {
            fixture.Registry.Blobs.Remove((string)fixture.Registry.Json(tag)["layers"]![0]!["digest"]!, out _);
        }
        else
        {
            fixture.Registry.Manifests[tag] = (MediaTypes.OciManifest, Encoding.UTF8.GetBytes(what));
        }

        await RefusedAsync(fixture, ContentTrustRules.NoValidSignature);
        await fixture.SignAsync(fixture.Image);
        Assert.IsTrue((await fixture.VerifyAsync()).Verified);
    }

    [TestMethod]
    [DataRow("not json")]
    [DataRow("{}")]
    public async Task A_bundle_that_cannot_be_read_is_a_reason(string content)
    {
        await using var fixture = new TrustFixture();
        await fixture.SignAsync(fixture.Image);
        var (digest, _) = fixture.Registry.Blobs.Single(b => b.Value.Length > 2);
        var bytes = Encoding.UTF8.GetBytes(content);
        var replaced = Digest.Sha256(bytes).ToString();
        fixture.Registry.Blobs[replaced] = bytes;
        foreach (var (key, (mediaType, manifest)) in fixture.Registry.Manifests.Where(m => Encoding.UTF8.GetString(m.Value.Bytes).Contains(digest, StringComparison.Ordinal)).ToList())
        {
            fixture.Registry.Manifests.Remove(key, out _);
            var json = JsonNode.Parse(manifest)!;
            json["layers"]![0]!["digest"] = replaced;
            json["layers"]![0]!["size"] = bytes.Length;
            fixture.Registry.Put(mediaType, json.ToJsonString());
        }

        await RefusedAsync(fixture, ContentTrustRules.NoValidSignature);
    }

    private static async Task RefusedAsync(TrustFixture fixture, Rule rule, TrustRule? trust = null, string tag = "1.0", params string[] formats)
    {
        var result = await fixture.VerifyAsync(tag, trust, formats);
        Assert.IsFalse(result.Verified);
        Assert.AreEqual(rule, result.Failures[0].Rule, result.Failures[0].What);
    }
}
