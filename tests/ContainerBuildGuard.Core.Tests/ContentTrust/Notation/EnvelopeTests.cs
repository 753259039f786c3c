using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Envelopes of both kinds, good, and with each rule broken once.</summary>
[TestClass]
public sealed class EnvelopeTests
{
    private const string Scheme = "io.cncf.notary.signingScheme";
    private const string Time = "io.cncf.notary.signingTime";
    private const string Authentic = "io.cncf.notary.authenticSigningTime";
    private const string Expiry = "io.cncf.notary.expiry";
    private static readonly DateTimeOffset Past = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly (string Name, Action<ForgedEnvelope> Break, string Reason)[] Broken =
    [
        ("no algorithm", e => e.Headers.Remove("alg"), "algorithm is missing"),
        ("the algorithm of another key", e => e.Headers["alg"] = "ES384", "its key signs as ES256"),
        ("an algorithm that is none", e => e.Headers["alg"] = "HS256", "algorithm is missing"),
        ("no content type", e => e.Headers.Remove("cty"), "content type"),
        ("another content type", e => e.Headers["cty"] = "application/json", "content type"),
        ("nothing critical", e => e.Headers.Remove("crit"), "not marked as critical"),
        ("an empty list of what is critical", e => e.Headers["crit"] = Array.Empty<string>(), "not marked as critical"),
        ("a critical attribute twice", e => e.Mark(Scheme), "twice"),
        ("an unknown critical attribute", e => { e.Headers["com.example.more"] = "x"; e.Mark("com.example.more"); }, "'com.example.more' is not known"),
        ("a critical attribute that is not there", e => e.Mark(Expiry), "is not there"),
        ("an expiry that is not critical", e => e.Headers[Expiry] = Past.AddYears(50), "not marked as critical"),
        ("an expiry before the signing", e => { e.Headers[Expiry] = Past; e.Mark(Expiry); }, "expires before"),
        ("no scheme", e => e.Headers.Remove(Scheme), "is not there"),
        ("an unknown scheme", e => e.Headers[Scheme] = "notary.x509.other", "scheme 'notary.x509.other' is not known"),
        ("no signing time", e => e.Headers.Remove(Time), "signing time is missing"),
        ("an authentic time without an authority", e => { e.Headers[Authentic] = Past; e.Mark(Authentic); }, "only a signing authority"),
        ("an authority without an authentic time", e => { e.Headers[Scheme] = "notary.x509.signingAuthority"; e.Headers.Remove(Time); }, "authentic signing time is missing"),
        ("an authority with a time of nobody's", e => { e.Headers[Scheme] = "notary.x509.signingAuthority"; e.Headers[Authentic] = Past; e.Mark(Authentic); }, "unauthenticated"),
        ("an authentic time that is not critical", e => { e.Headers[Scheme] = "notary.x509.signingAuthority"; e.Headers.Remove(Time); e.Headers[Authentic] = Past; }, "not marked as critical"),
        ("a verification plugin", e => e.Headers["io.cncf.notary.verificationPlugin"] = "com.example", "plugin"),
        ("a plugin's version alone", e => e.Headers["io.cncf.notary.verificationPluginMinVersion"] = "1.0", "plugin"),
        ("a time that is none", e => e.Headers[Time] = "yesterday", ""),
        ("no certificates", e => e.Chain.Clear(), "no certificates"),
        ("a chain without its root", e => e.Chain.RemoveAt(2), "does not end with a root"),
        ("a chain without its middle", e => e.Chain.RemoveAt(1), "is not signed by"),
        ("a chain from root to leaf", e => e.Chain.Reverse(), ""),
        ("a certificate beside the chain", e => e.Chain.Insert(1, e.Chain[1]), "authorities below it"),
        ("a payload that is no JSON", e => e.Payload = "payload"u8.ToArray(), "names no artifact"),
        ("a payload without an artifact", e => e.Payload = "{}"u8.ToArray(), "names no artifact"),
        ("a payload with an artifact twice", e => e.Payload = [.. e.Payload[..^1], .. ","u8, .. e.Payload[1..]], "names no artifact"),
        ("another digest", e => Replace(e, "sha256:", "sha256:0"), "another artifact"),
        ("another media type", e => Replace(e, "manifest.v1", "manifest.v2"), "not as"),
        ("another size", e => Replace(e, "\"size\":", "\"size\":1"), "bytes"),
    ];

    private static readonly (string Name, Action<JsonObject> Change)[] JwsForms =
    [
        ("another member", j => j["more"] = 1),
        ("no header", j => j.Remove("header")),
        ("no signature", j => j.Remove("signature")),
        ("a signature in place of a flattened one", j => j["signatures"] = new JsonArray()),
        ("a scheme that is unsigned too", j => j["header"]!["alg"] = "ES256"),
        ("padding", j => j["payload"] = (string)j["payload"]! + "="),
        ("white space in base64", j => j["header"]!["x5c"]![0] = " " + (string)j["header"]!["x5c"]![0]!),
        ("a PEM in place of DER", j => j["header"]!["x5c"]![0] = Convert.ToBase64String(Encoding.ASCII.GetBytes("-----BEGIN CERTIFICATE-----"))),
        ("a number for a text", j => j["protected"] = 1),
        ("too many certificates", j => j["header"]!["x5c"] = new JsonArray([.. Enumerable.Range(0, 11).Select(_ => j["header"]!["x5c"]![0]!.DeepClone())])),
    ];

    public static IEnumerable<object[]> JwsFormNames => JwsForms.Select(f => new object[] { f.Name });

    public static IEnumerable<object[]> Cases => Kinds.SelectMany(k => Enumerable.Range(0, Broken.Length).Select(i => new object[] { k[0], Broken[i].Name }));

    public static IEnumerable<object[]> Kinds => [[NotationFixture.Jws], [NotationFixture.Cose]];

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public async Task A_good_envelope_verifies(string kind)
    {
        await using var fixture = new NotationFixture();
        var outcome = await fixture.CheckAsync(fixture.Forge().Write(kind, fixture.Signer), kind);
        Assert.IsNotNull(outcome.Verified, outcome.Reason);
        Assert.AreEqual(fixture.Signer.Subject, outcome.Verified.Identity);
        Assert.IsEmpty(outcome.Notes);
    }

    [TestMethod]
    [DynamicData(nameof(Cases))]
    public async Task A_broken_rule_is_a_reason(string kind, string name)
    {
        await using var fixture = new NotationFixture();
        var (_, change, reason) = Broken.Single(b => b.Name == name);
        var forged = fixture.Forge();
        change(forged);
        var outcome = await fixture.CheckAsync(forged.Write(kind, fixture.Signer), kind);
        Assert.IsNull(outcome.Verified, name);
        Assert.IsFalse(outcome.Unfinished);
        StringAssert.Contains(outcome.Reason, reason);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public async Task A_signature_by_another_key_is_none(string kind)
    {
        await using var fixture = new NotationFixture();
        var outcome = await fixture.CheckAsync(fixture.Forge().Write(kind, fixture.Pki.CodeSigner()), kind);
        StringAssert.Contains(outcome.Reason, "not by its certificate's key");
    }

    [TestMethod]
    [DataRow(NotationFixture.Jws, NotationFixture.Cose)]
    [DataRow(NotationFixture.Cose, NotationFixture.Jws)]
    [DataRow(NotationFixture.Jws, "application/json")]
    public async Task An_envelope_of_another_type_than_its_layer_says_is_none(string kind, string said)
    {
        await using var fixture = new NotationFixture();
        Assert.IsNull((await fixture.CheckAsync(fixture.Forge().Write(kind, fixture.Signer), said)).Verified);
    }

    [TestMethod]
    [DynamicData(nameof(Kinds))]
    public async Task An_attribute_that_is_not_critical_may_be_unknown(string kind)
    {
        await using var fixture = new NotationFixture();
        var forged = fixture.Forge();
        forged.Headers["com.example.more"] = "x";
        Assert.IsNotNull((await fixture.CheckAsync(forged.Write(kind, fixture.Signer), kind)).Verified);
    }

    [TestMethod]
    [DataRow(NotationFixture.Jws, 2048, "PS256")]
    [DataRow(NotationFixture.Cose, 3072, "PS384")]
    [DataRow(NotationFixture.Jws, 384, "ES384")]
    [DataRow(NotationFixture.Cose, 521, "ES512")]
    public async Task Every_kind_of_key_has_its_algorithm(string kind, int size, string algorithm)
    {
        await using var fixture = new NotationFixture();
        using AsymmetricAlgorithm key = size < 1000 ? ECDsa.Create(size == 384 ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP521) : RSA.Create(size);
        var signer = fixture.Pki.CodeSigner(key: key);
        var forged = fixture.Forge(signer);
        forged.Headers["alg"] = algorithm;
        var outcome = await fixture.CheckAsync(forged.Write(kind, signer), kind);
        Assert.IsNotNull(outcome.Verified, outcome.Reason);
        forged.Headers["alg"] = algorithm[..2] + "256" == algorithm ? algorithm[..2] + "384" : algorithm[..2] + "256";
        Assert.IsNull((await fixture.CheckAsync(forged.Write(kind, signer), kind)).Verified);
    }

    [TestMethod]
    public async Task A_key_of_another_size_may_not_sign()
    {
        await using var fixture = new NotationFixture();
        using var key = RSA.Create(2304);
        var signer = fixture.Pki.CodeSigner(key: key);
        var forged = fixture.Forge(signer);
        forged.Headers["alg"] = "PS512";
        StringAssert.Contains((await fixture.CheckAsync(forged.Write(NotationFixture.Jws, signer), NotationFixture.Jws)).Reason, "2048, 3072 or 4096");
    }

    [TestMethod]
    [DynamicData(nameof(JwsFormNames))]
    public async Task A_jws_of_another_form_is_a_reason(string name)
    {
        await using var fixture = new NotationFixture();
        var forged = fixture.Forge();
        forged.ChangeJws = JwsForms.Single(f => f.Name == name).Change;
        var outcome = await fixture.CheckAsync(forged.Write(NotationFixture.Jws, fixture.Signer), NotationFixture.Jws);
        Assert.IsNull(outcome.Verified, name);
        Assert.AreNotEqual("", outcome.Reason);
    }

    [TestMethod]
    [DataRow("a member twice")]
    [DataRow("something after it")]
    [DataRow("no tag")]
    [DataRow("nothing")]
    [DataRow("too much")]
    public async Task Bytes_that_are_more_or_less_than_an_envelope_are_a_reason(string name)
    {
        await using var fixture = new NotationFixture();
        var (jws, cose) = (fixture.Forge().Write(NotationFixture.Jws, fixture.Signer), fixture.Forge().Write(NotationFixture.Cose, fixture.Signer));
        (byte[] Bytes, string Kind)[] cases = name switch
        {
            "a member twice" => [([.. "{\"payload\":\"\","u8, .. jws[1..]], NotationFixture.Jws)],
            "something after it" => [([.. jws, (byte)'x'], NotationFixture.Jws), ([.. cose, 0], NotationFixture.Cose)],
            "no tag" => [(cose[1..], NotationFixture.Cose)],
            "too much" => [(new byte[NotationEnvelope.MaxBytes + 1], NotationFixture.Jws)],
            _ => [([], NotationFixture.Jws), ([], NotationFixture.Cose)],
        };
        foreach (var (bytes, kind) in cases)
        {
            var outcome = await fixture.CheckAsync(bytes, kind);
            Assert.IsNull(outcome.Verified, kind);
            Assert.AreNotEqual("", outcome.Reason);
        }
    }

    private static void Replace(ForgedEnvelope envelope, string old, string with) => envelope.Payload = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(envelope.Payload).Replace(old, with, StringComparison.Ordinal));
}
