using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.ContentTrust.Cosign;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>What is written into the registry, member by member as cosign documents it.</summary>
[TestClass]
public sealed class LayoutTests
{
    [TestMethod]
    public async Task A_bundle_is_a_referrer_as_cosign_3_writes_it()
    {
        await using var fixture = new TrustFixture(hasReferrersApi: false);
        await fixture.SignAsync(fixture.Image);
        var listed = fixture.Registry.Json(RegistryClient.FallbackTag(fixture.Image.Digest))["manifests"]!.AsArray().Single()!;
        var manifest = fixture.Registry.Json((string)listed["digest"]!);
        var created = (string)manifest["annotations"]!["org.opencontainers.image.created"]!;
        var layer = manifest["layers"]![0]!;

        // The fallback index repeats artifact type and annotations, which go-containerregistry leaves out.
        Same($$$"""{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{{listed["digest"]}}}","size":{{{listed["size"]}}},"annotations":{{{manifest["annotations"]!.ToJsonString()}}},"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"}""", listed);
        Same($$$"""
            {"schemaVersion":2,
             "mediaType":"application/vnd.oci.image.manifest.v1+json",
             "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},
             "layers":[{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","digest":"{{{layer["digest"]}}}","size":{{{layer["size"]}}}}],
             "artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json",
             "subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{{fixture.Image.Digest}}}","size":{{{fixture.Image.Size}}}},
             "annotations":{"dev.sigstore.bundle.content":"dsse-envelope","dev.sigstore.bundle.predicateType":"https://sigstore.dev/cosign/sign/v1","org.opencontainers.image.created":"{{{created}}}"}}
            """, manifest);

        // The statement has no name for its subject: it is the digest that is signed.
        var bundle = JsonNode.Parse(fixture.Registry.Blobs[(string)layer["digest"]!])!;
        Assert.AreEqual("application/vnd.dev.sigstore.bundle.v0.3+json", (string?)bundle["mediaType"]);
        Assert.AreEqual("application/vnd.in-toto+json", (string?)bundle["dsseEnvelope"]!["payloadType"]);
        Assert.AreEqual(
            $$$"""{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"{{{fixture.Image.Digest.Hex}}}"}}],"predicateType":"https://sigstore.dev/cosign/sign/v1","predicate":{}}""",
            Encoding.UTF8.GetString(Convert.FromBase64String((string)bundle["dsseEnvelope"]!["payload"]!)));
        Assert.AreEqual(fixture.Signer.Signer.PublicKey.KeyId, (string?)bundle["verificationMaterial"]!["publicKey"]!["hint"]);
    }

    [TestMethod]
    public async Task An_older_signature_is_a_layer_under_the_images_tag()
    {
        await using var fixture = new TrustFixture();
        await fixture.SignAsync(fixture.Image, null, "legacy");
        var tag = $"sha256-{fixture.Image.Digest.Hex}.sig";
        Assert.AreEqual(tag, SignatureStore.Tag(fixture.Image.Digest, "sig"));
        var layer = fixture.Registry.Json(tag)["layers"]!.AsArray().Single()!;
        Assert.AreEqual("application/vnd.dev.cosign.simplesigning.v1+json", (string?)layer["mediaType"]);
        var payload = fixture.Registry.Blobs[(string)layer["digest"]!];
        Assert.AreEqual(
            $$$"""{"critical":{"identity":{"docker-reference":"{{{fixture.Registry.Host}}}/team/app"},"image":{"docker-manifest-digest":"{{{fixture.Image.Digest}}}"},"type":"cosign container image signature"},"optional":null}""",
            Encoding.UTF8.GetString(payload));
        var signature = Convert.FromBase64String((string)layer["annotations"]!["dev.cosignproject.cosign/signature"]!);
        Assert.IsTrue(fixture.Signer.Signer.PublicKey.Verify(payload, signature));
    }

    [TestMethod]
    public async Task A_second_older_signature_is_added_to_the_first()
    {
        await using var fixture = new TrustFixture();
        await fixture.SignAsync(fixture.Image, null, "legacy");
        await fixture.SignAsync(fixture.Image, fixture.NewSigner(), "legacy");
        Assert.HasCount(2, fixture.Registry.Json(SignatureStore.Tag(fixture.Image.Digest, "sig"))["layers"]!.AsArray());
    }

    private static void Same(string expected, JsonNode actual) => Assert.IsTrue(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());
}
