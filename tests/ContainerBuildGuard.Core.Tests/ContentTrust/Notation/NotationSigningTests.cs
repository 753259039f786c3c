using System.Buffers.Text;
using System.Formats.Cbor;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>What signing writes, member by member as the specification has it, and what it refuses to write.</summary>
[TestClass]
public sealed class NotationSigningTests
{
    [TestMethod]
    public async Task A_jws_has_the_members_of_the_specification()
    {
        await using var fixture = new NotationFixture();
        var (mediaType, envelope) = await SignAsync(fixture, new NotationSigningOptions { Key = fixture.KeyOf(fixture.Signer), Expiry = TimeSpan.FromHours(24) });
        Assert.AreEqual("application/jose+json", mediaType);
        var json = JsonNode.Parse(envelope)!.AsObject();
        CollectionAssert.AreEquivalent(new[] { "payload", "protected", "header", "signature" }, json.Select(m => m.Key).ToArray());
        Assert.AreEqual($$$"""{"targetArtifact":{"mediaType":"{{{fixture.Image.MediaType}}}","digest":"{{{fixture.Image.Digest}}}","size":{{{fixture.Image.Size}}}}}""", Text(json["payload"]));
        Same($$"""
            {"alg":"ES256","cty":"application/vnd.cncf.notary.payload.v1+json",
             "crit":["io.cncf.notary.signingScheme","io.cncf.notary.expiry"],
             "io.cncf.notary.signingScheme":"notary.x509",
             "io.cncf.notary.signingTime":"{{fixture.Now:yyyy-MM-dd'T'HH:mm:ss'Z'}}",
             "io.cncf.notary.expiry":"{{fixture.Now.AddHours(24):yyyy-MM-dd'T'HH:mm:ss'Z'}}"}
            """, JsonNode.Parse(Text(json["protected"]))!);
        CollectionAssert.AreEqual(fixture.Pki.ChainOf(fixture.Signer).Select(c => Convert.ToBase64String(c.RawData)).ToArray(), json["header"]!["x5c"]!.AsArray().Select(c => (string)c!).ToArray());
        Assert.StartsWith("ContainerBuildGuard/", (string)json["header"]!["io.cncf.notary.signingAgent"]!);
        using var key = fixture.Signer.GetECDsaPublicKey()!;
        Assert.IsTrue(key.VerifyData(Encoding.ASCII.GetBytes($"{json["protected"]}.{json["payload"]}"), Base64Url.DecodeFromChars((string)json["signature"]!), HashAlgorithmName.SHA256));
    }

    [TestMethod]
    public async Task A_cose_envelope_has_the_parts_of_the_specification()
    {
        await using var fixture = new NotationFixture();
        var (mediaType, envelope) = await SignAsync(fixture, new NotationSigningOptions { Key = fixture.KeyOf(fixture.Signer), Format = "cose" });
        Assert.AreEqual("application/cose", mediaType);
        var reader = new CborReader(envelope, CborConformanceMode.Canonical);
        Assert.AreEqual((CborTag)18, reader.ReadTag());
        Assert.AreEqual(4, reader.ReadStartArray());
        var signed = reader.ReadByteString();
        var headers = new CborReader(signed, CborConformanceMode.Canonical);
        Assert.AreEqual(5, headers.ReadStartMap());
        Assert.AreEqual((1, -7), (headers.ReadInt32(), headers.ReadInt32()));
        Assert.AreEqual((2, 1, "io.cncf.notary.signingScheme"), (headers.ReadInt32(), headers.ReadStartArray(), headers.ReadTextString()));
        headers.ReadEndArray();
        Assert.AreEqual((3, "application/vnd.cncf.notary.payload.v1+json"), (headers.ReadInt32(), headers.ReadTextString()));
        Assert.AreEqual(("io.cncf.notary.signingTime", CborTag.UnixTimeSeconds, fixture.Now.ToUnixTimeSeconds()), (headers.ReadTextString(), headers.ReadTag(), headers.ReadInt64()));
        Assert.AreEqual(("io.cncf.notary.signingScheme", "notary.x509"), (headers.ReadTextString(), headers.ReadTextString()));
        Assert.AreEqual(2, reader.ReadStartMap());
        Assert.AreEqual((33, 3), (reader.ReadInt32(), reader.ReadStartArray()));
        foreach (var certificate in fixture.Pki.ChainOf(fixture.Signer))
        {
            CollectionAssert.AreEqual(certificate.RawData, reader.ReadByteString());
        }

        reader.ReadEndArray();
        Assert.AreEqual("io.cncf.notary.signingAgent", reader.ReadTextString());
        Assert.StartsWith("ContainerBuildGuard/", reader.ReadTextString());
        reader.ReadEndMap();
        var payload = reader.ReadByteString();
        Assert.AreEqual(64, reader.ReadByteString().Length);

        // RFC 9052, section 4.4, byte by byte: an array of four, the context, the protected header, nothing external, the payload.
        CollectionAssert.AreEqual(
            (byte[])[0x84, 0x6A, .. "Signature1"u8, .. Bytes(signed), 0x40, .. Bytes(payload)],
            CoseEnvelope.ToBeSigned(signed, payload));
    }

    [TestMethod]
    public async Task A_signature_is_a_referrer_with_the_chains_thumbprints()
    {
        await using var fixture = new NotationFixture(hasReferrersApi: false);
        using var signing = await NotationSigning.OpenAsync(new NotationSigningOptions { Key = fixture.KeyOf(fixture.Signer) }, CancellationToken.None);
        await signing.SignAsync(fixture.Base.Client, fixture.Base.Registry.Host, TrustFixture.Repository, [fixture.Image], CancellationToken.None);
        var listed = fixture.Base.Registry.Json(RegistryClient.FallbackTag(fixture.Image.Digest))["manifests"]!.AsArray().Single()!;
        var manifest = fixture.Base.Registry.Json((string)listed["digest"]!);
        var (layer, annotations) = (manifest["layers"]![0]!, manifest["annotations"]!);
        Same($$$"""
            {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
             "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},
             "layers":[{"mediaType":"application/jose+json","digest":"{{{layer["digest"]}}}","size":{{{layer["size"]}}}}],
             "artifactType":"application/vnd.cncf.notary.signature",
             "subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{{{fixture.Image.Digest}}}","size":{{{fixture.Image.Size}}}},
             "annotations":{{{annotations.ToJsonString()}}}}
            """, manifest);
        Same(new JsonArray([.. fixture.Pki.ChainOf(fixture.Signer).Select(c => (JsonNode)Convert.ToHexStringLower(SHA256.HashData(c.RawData)))]).ToJsonString(), JsonNode.Parse((string)annotations["io.cncf.notary.x509chain.thumbprint#S256"]!)!);
        Assert.AreEqual("application/vnd.cncf.notary.signature", (string?)listed["artifactType"]);
    }

    [TestMethod]
    [DataRow("jws")]
    [DataRow("cose")]
    public async Task A_timestamp_is_asked_for_and_verified_before_it_goes_out(string format)
    {
        await using var fixture = new NotationFixture();
        fixture.Answer = request => new ServerAnswer(200, fixture.Stamp().Respond(request.Body), "application/timestamp-reply");
        var options = new NotationSigningOptions { Key = fixture.KeyOf(fixture.Signer), Format = format, TimestampAuthority = fixture.Web.Address, TimestampRootFile = fixture.FileOf("tsa.pem", Encoding.ASCII.GetBytes(fixture.Stamps.Root.ExportCertificatePem())) };
        var (mediaType, envelope) = await SignAsync(fixture, options);
        using var trust = fixture.Trust(NotationFixture.WithTimestamps());
        var outcome = await fixture.CheckAsync(envelope, mediaType, trust);
        Assert.IsNotNull(outcome.Verified, outcome.Reason);
        Assert.IsNotNull(outcome.Verified.SignedAt);
        var wrong = options with { TimestampRootFile = fixture.FileOf("other.pem", Encoding.ASCII.GetBytes(fixture.Pki.Root.ExportCertificatePem())) };
        Assert.AreEqual("CBG3006", (await Assert.ThrowsExactlyAsync<GuardException>(() => SignAsync(fixture, wrong))).Code);
    }

    [TestMethod]
    [DataRow(2048, "jws")]
    [DataRow(3072, "cose")]
    [DataRow(384, "jws")]
    [DataRow(521, "cose")]
    public async Task Each_kind_of_key_signs_what_verifies(int size, string format)
    {
        await using var fixture = new NotationFixture();
        using AsymmetricAlgorithm key = size < 1000 ? ECDsa.Create(size == 384 ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP521) : RSA.Create(size);
        var (mediaType, envelope) = await SignAsync(fixture, new NotationSigningOptions { Key = fixture.KeyOf(fixture.Pki.CodeSigner(key: key)), Format = format });
        var outcome = await fixture.CheckAsync(envelope, mediaType);
        Assert.IsNotNull(outcome.Verified, outcome.Reason);
    }

    [TestMethod]
    public async Task A_pem_key_takes_its_chain_from_a_file_in_any_order()
    {
        await using var fixture = new NotationFixture();
        using var key = fixture.Signer.GetECDsaPrivateKey()!;
        var pem = fixture.FileOf("signer.key", Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
        StringAssert.Contains((await RefusedAsync(fixture, new NotationSigningOptions { Key = pem })).Message, "--certificate-chain");
        var chain = fixture.FileOf("chain.pem", Encoding.ASCII.GetBytes(string.Join('\n', fixture.Pki.ChainOf(fixture.Signer).Reverse().Select(c => c.ExportCertificatePem()))));
        var (mediaType, envelope) = await SignAsync(fixture, new NotationSigningOptions { Key = pem, CertificateChainFile = chain });
        Assert.IsNotNull((await fixture.CheckAsync(envelope, mediaType)).Verified);
        var cut = fixture.FileOf("cut.pem", Encoding.ASCII.GetBytes(fixture.Signer.ExportCertificatePem()));
        StringAssert.Contains((await RefusedAsync(fixture, new NotationSigningOptions { Key = pem, CertificateChainFile = cut })).Message, "the chain lacks");
    }

    [TestMethod]
    public async Task A_certificate_that_may_not_sign_does_not()
    {
        await using var fixture = new NotationFixture();
        Assert.AreEqual("CBG3005", (await RefusedAsync(fixture, new NotationSigningOptions { Key = fixture.KeyOf(fixture.Pki.CodeSigner(to: fixture.Now.AddDays(-1))) })).Code);
        Assert.AreEqual("CBG3005", (await RefusedAsync(fixture, new NotationSigningOptions { Key = fixture.KeyOf(fixture.Pki.TimeStamper()) })).Code);
        Assert.AreEqual("CBG9009", (await RefusedAsync(fixture, new NotationSigningOptions { Key = "k", Format = "xml" })).Code);
        Assert.AreEqual("CBG9009", (await RefusedAsync(fixture, new NotationSigningOptions { Key = "k", Expiry = TimeSpan.Zero })).Code);
        Assert.AreEqual("CBG9009", (await RefusedAsync(fixture, new NotationSigningOptions { Key = "k", TimestampAuthority = fixture.Web.Address })).Code);
    }

    private static async Task<(string MediaType, byte[] Envelope)> SignAsync(NotationFixture fixture, NotationSigningOptions options)
    {
        using var signing = await NotationSigning.OpenAsync(options with { Time = fixture.Options().Time }, CancellationToken.None);
        return await signing.SignAsync(fixture.Image, CancellationToken.None);
    }

    private static Task<GuardException> RefusedAsync(NotationFixture fixture, NotationSigningOptions options) => Assert.ThrowsExactlyAsync<GuardException>(() => SignAsync(fixture, options));

    private static string Text(JsonNode? node) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars((string)node!));

    private static byte[] Bytes(byte[] content)
    {
        var writer = new CborWriter();
        writer.WriteByteString(content);
        return writer.Encode();
    }

    private static void Same(string expected, JsonNode actual) => Assert.IsTrue(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), actual.ToJsonString());
}
