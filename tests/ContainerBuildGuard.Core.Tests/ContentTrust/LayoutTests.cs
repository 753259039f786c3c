using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.ContentTrust.Cosign;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

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

        // No artifact type and no subject: the tag says whose it is. The configuration is that of an empty image.
        Same($$$"""
            {"schemaVersion":2,
             "mediaType":"application/vnd.oci.image.manifest.v1+json",
             "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{{Digest.Sha256("""{"architecture":"","os":"","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"""u8)}}}","size":80},
             "layers":[{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","digest":"{{{layer["digest"]}}}","size":{{{layer["size"]}}},
               "annotations":{"dev.cosignproject.cosign/signature":"{{{layer["annotations"]!["dev.cosignproject.cosign/signature"]}}}"}}]}
            """, fixture.Registry.Json(tag));
        var payload = fixture.Registry.Blobs[(string)layer["digest"]!];
        Assert.AreEqual(
            $$$"""{"critical":{"identity":{"docker-reference":"{{{fixture.Registry.Host}}}/team/app"},"image":{"docker-manifest-digest":"{{{fixture.Image.Digest}}}"},"type":"cosign container image signature"},"optional":null}""",
            Encoding.UTF8.GetString(payload));
        var signature = Convert.FromBase64String((string)layer["annotations"]!["dev.cosignproject.cosign/signature"]!);
        Assert.IsTrue(fixture.Signer.Signer.PublicKey.Verify(payload, signature));
    }

    [TestMethod]
    public async Task An_older_attestation_is_an_envelope_under_the_images_other_tag()
    {
        await using var fixture = new TrustFixture();
        await ImageSigner.AttestAsync(fixture.Client, fixture.Registry.Host, TrustFixture.Repository, fixture.Image, fixture.Signer, "https://example.test/review/v1", new JsonObject { ["reviewed"] = true }, ["legacy"], CancellationToken.None);
        var layer = fixture.Registry.Json($"sha256-{fixture.Image.Digest.Hex}.att")["layers"]!.AsArray().Single()!;

        // The signature stands in the envelope, and its annotation is there and empty.
        Same($$$"""
            {"mediaType":"application/vnd.dsse.envelope.v1+json","digest":"{{{layer["digest"]}}}","size":{{{layer["size"]}}},
             "annotations":{"dev.cosignproject.cosign/signature":"","predicateType":"https://example.test/review/v1"}}
            """, layer);
        var envelope = JsonNode.Parse(fixture.Registry.Blobs[(string)layer["digest"]!])!;
        Same($$$"""
            {"payloadType":"application/vnd.in-toto+json","payload":"{{{envelope["payload"]}}}","signatures":[{"keyid":"{{{envelope["signatures"]![0]!["keyid"]}}}","sig":"{{{envelope["signatures"]![0]!["sig"]}}}"}]}
            """, envelope);
        Assert.AreEqual(
            $$$"""{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"{{{fixture.Image.Digest.Hex}}}"},"name":"{{{fixture.Registry.Host}}}/team/app"}],"predicateType":"https://example.test/review/v1","predicate":{"reviewed":true}}""",
            Encoding.UTF8.GetString(Convert.FromBase64String((string)envelope["payload"]!)));
    }

    [TestMethod]
    public void An_identitys_older_signature_has_certificate_log_entry_and_timestamp_in_its_annotations()
    {
        var annotations = LegacySignature.Annotations(new Bundle
        {
            Version = BundleVersion.V03,
            Certificates = [[0x30, 0]],
            KeyHint = null,
            Content = new MessageSignature(null, [1, 2, 3]),
            Timestamps = [new byte[] { 4, 5 }],
            LogEntries = [new LogEntry { LogIndex = 7, LogId = [0xab], Kind = "hashedrekord", KindVersion = "0.0.1", IntegratedTime = 1_700_000_000, SignedEntryTimestamp = [6], CanonicalizedBody = "{}"u8.ToArray() }],
        });
        Assert.HasCount(4, annotations);
        Assert.AreEqual("AQID", annotations["dev.cosignproject.cosign/signature"]);
        Assert.AreEqual("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", annotations["dev.sigstore.cosign/certificate"]);
        Assert.AreEqual("""{"SignedEntryTimestamp":"Bg==","Payload":{"body":"e30=","integratedTime":1700000000,"logIndex":7,"logID":"ab"}}""", annotations["dev.sigstore.cosign/bundle"]);
        Assert.AreEqual("""{"SignedRFC3161Timestamp":"BAU="}""", annotations["dev.sigstore.cosign/rfc3161timestamp"]);
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
