using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Testing.Pki;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Times: certificates that are not valid any more or yet, expired signatures, timestamps of every kind, and what each level makes of it.</summary>
[TestClass]
public sealed class ValidityTests
{
    private const string Kind = NotationFixture.Cose;

    private static readonly (string Name, Func<NotationFixture, Func<byte[], byte[]>> Stamp, string Reason)[] WrongStamps =
    [
        ("of another signature", f => (s => f.Stamp().Token([1])), "for another signature"),
        ("that names no certificate", f => (f.Stamp() with { NamesItsCertificate = false }).Token, "signing-certificate-v2"),
        ("without its certificate", f => (f.Stamp() with { Certificates = [f.Stamps.Issuer] }).Token, "does not bring"),
        ("without its issuer", f => Alone(f.Stamp()), "no authority of the trust stores"),
        ("by another authority", f => Alone(f.Stamp(stamper: f.Pki.TimeStamper()), f.Pki.Issuer, f.Pki.Root), "no authority of the trust stores"),
        ("by a code signer", f => f.Stamp(stamper: f.Stamps.CodeSigner()).Token, "not for time stamping alone"),
        ("by an expired authority", f => f.Stamp(stamper: f.Stamps.TimeStamper(to: f.Now.AddDays(-1))).Token, "was not valid"),
        ("from the future", f => f.Stamp(f.Now.AddHours(1)).Token, "in the future"),
        ("by a key that is not the certificate's", f => (f.Stamp() with { Certificates = [f.Stamps.TimeStamper(), f.Stamps.Issuer] }).Token, "does not bring"),
        ("that is no token", f => (_ => [0x30, 3, 2, 1, 0]), "not valid DER"),
    ];

    public static IEnumerable<object[]> WrongStampNames => WrongStamps.Select(w => new object[] { w.Name });

    [TestMethod]
    [DataRow("strict", false)]
    [DataRow("permissive", true)]
    public async Task An_expired_or_future_certificate_needs_a_timestamp(string level, bool passes)
    {
        await using var fixture = new NotationFixture();
        foreach (var signer in new[] { fixture.Pki.CodeSigner(to: fixture.Now.AddDays(-1)), fixture.Pki.CodeSigner(from: fixture.Now.AddDays(1)) })
        {
            using var trust = fixture.Trust(NotationFixture.Level(level));
            var outcome = await fixture.CheckAsync(fixture.Forge(signer).Write(Kind, signer), Kind, trust);
            Assert.AreEqual(passes, outcome.Verified is not null, outcome.Reason);
            StringAssert.Contains(passes ? string.Join("; ", outcome.Notes) : outcome.Reason, "was not valid at");
        }
    }

    [TestMethod]
    [DataRow("strict", false)]
    [DataRow("permissive", true)]
    [DataRow("audit", true)]
    public async Task An_expired_signature_is_refused_or_noted_by_the_level(string level, bool passes)
    {
        await using var fixture = new NotationFixture();
        var forged = fixture.Forge();
        forged.Headers["io.cncf.notary.expiry"] = fixture.Now;
        forged.Mark("io.cncf.notary.expiry");
        using var trust = fixture.Trust(NotationFixture.Level(level));
        var outcome = await fixture.CheckAsync(forged.Write(Kind, fixture.Signer), Kind, trust);
        Assert.AreEqual(passes, outcome.Verified is not null, outcome.Reason);
        StringAssert.Contains(passes ? outcome.Notes.Single() : outcome.Reason, "expired at");
    }

    [TestMethod]
    public async Task A_timestamp_proves_that_a_certificate_was_valid_then()
    {
        await using var fixture = new NotationFixture();
        var signer = fixture.Pki.CodeSigner(to: fixture.Now.AddDays(-1));
        foreach (var when in new[] { "always", "afterCertExpiry" })
        {
            using var trust = fixture.Trust(NotationFixture.WithTimestamps(when));
            var good = await CheckAsync(fixture, trust, signer, fixture.Stamp(fixture.Now.AddDays(-2)).Token);
            Assert.IsNotNull(good.Verified, good.Reason);
            Assert.AreEqual(fixture.Now.AddDays(-2), good.Verified.SignedAt);
            StringAssert.Contains((await CheckAsync(fixture, trust, signer, fixture.Stamp().Token)).Reason, "was not valid at");
            StringAssert.Contains((await CheckAsync(fixture, trust, signer, null)).Reason, "no timestamp");
        }
    }

    [TestMethod]
    [DataRow(null, false)]
    [DataRow("always", false)]
    [DataRow("afterCertExpiry", true)]
    public async Task A_timestamp_may_be_asked_for_always_or_once_a_certificate_expired(string? when, bool passes)
    {
        await using var fixture = new NotationFixture();
        using var trust = fixture.Trust(NotationFixture.WithTimestamps(when));
        Assert.AreEqual(passes, (await CheckAsync(fixture, trust, fixture.Signer, null)).Verified is not null);
    }

    [TestMethod]
    public async Task The_authoritys_accuracy_counts_on_both_sides()
    {
        await using var fixture = new NotationFixture();
        var end = fixture.Now.AddDays(-1);
        var signer = fixture.Pki.CodeSigner(to: end);
        using var trust = fixture.Trust(NotationFixture.WithTimestamps());
        var exact = fixture.Stamp(end);
        Assert.IsNotNull((await CheckAsync(fixture, trust, signer, exact.Token)).Verified);
        Assert.IsNull((await CheckAsync(fixture, trust, signer, (exact with { AccuracySeconds = 1 }).Token)).Verified);
        Assert.IsNull((await CheckAsync(fixture, trust, signer, (exact with { Policy = "0.4.0.2023.1.1" }).Token)).Verified, "the baseline policy is accurate to a second");
        Assert.IsNotNull((await CheckAsync(fixture, trust, signer, (exact with { Time = end.AddSeconds(-1), Policy = "0.4.0.2023.1.1" }).Token)).Verified);
    }

    [TestMethod]
    public async Task A_token_as_other_authorities_make_it_counts()
    {
        await using var fixture = new NotationFixture();
        using var trust = fixture.Trust(NotationFixture.WithTimestamps());
        var outcome = await CheckAsync(fixture, trust, fixture.Signer, (fixture.Stamp() with { HasExtras = true, AccuracySeconds = 3 }).Token);
        Assert.IsNotNull(outcome.Verified, outcome.Reason);
    }

    [TestMethod]
    [DynamicData(nameof(WrongStampNames))]
    public async Task A_timestamp_that_proves_nothing_is_a_reason(string name)
    {
        var (_, stamp, reason) = WrongStamps.Single(w => w.Name == name);
        await using var fixture = new NotationFixture();
        using var trust = fixture.Trust(NotationFixture.WithTimestamps());
        var outcome = await CheckAsync(fixture, trust, fixture.Signer, stamp(fixture));
        Assert.IsNull(outcome.Verified, name);
        StringAssert.Contains(outcome.Reason, reason);
    }

    [TestMethod]
    public async Task A_signing_authority_vouches_for_its_time()
    {
        await using var fixture = new NotationFixture();
        var signer = fixture.Pki.CodeSigner(to: fixture.Now.AddDays(-1));
        Assert.AreEqual(fixture.Now.AddDays(-2), (await AuthorityAsync(fixture, signer, fixture.Now.AddDays(-2))).Verified?.SignedAt);
        StringAssert.Contains((await AuthorityAsync(fixture, signer, fixture.Now)).Reason, "was not valid at");
        StringAssert.Contains((await AuthorityAsync(fixture, fixture.Signer, fixture.Now.AddHours(1))).Reason, "in the future");
        StringAssert.Contains((await AuthorityAsync(fixture, fixture.Signer, fixture.Now, s => s["trustStores"] = new JsonArray("ca:acme"))).Reason, "signingAuthority trust stores");
        var logged = await AuthorityAsync(fixture, fixture.Signer, fixture.Now, s =>
        {
            s["trustStores"] = new JsonArray("ca:acme");
            NotationFixture.Level("audit")(s);
        });
        Assert.IsNotNull(logged.Verified);
        Assert.IsNull(logged.Verified.SignedAt, "an authority that is not trusted vouches for no time");
    }

    private static Task<SignatureOutcome> CheckAsync(NotationFixture fixture, NotationTrust trust, X509Certificate2 signer, Func<byte[], byte[]>? stamp)
    {
        var forged = fixture.Forge(signer);
        forged.Timestamp = stamp;
        return fixture.CheckAsync(forged.Write(Kind, signer), Kind, trust);
    }

    /// <summary>The token with its signer's certificate and no other than these.</summary>
    private static Func<byte[], byte[]> Alone(TestTimestamp stamp, params X509Certificate2[] others) => (stamp with { Certificates = [stamp.Signer, .. others] }).Token;

    private static async Task<SignatureOutcome> AuthorityAsync(NotationFixture fixture, X509Certificate2 signer, DateTimeOffset time, Action<JsonObject>? change = null)
    {
        var forged = fixture.Forge(signer);
        forged.Headers["io.cncf.notary.signingScheme"] = "notary.x509.signingAuthority";
        forged.Headers.Remove("io.cncf.notary.signingTime");
        forged.Headers["io.cncf.notary.authenticSigningTime"] = time;
        forged.Mark("io.cncf.notary.authenticSigningTime");
        using var trust = fixture.Trust(change);
        return await fixture.CheckAsync(forged.Write(Kind, signer), Kind, trust);
    }
}
