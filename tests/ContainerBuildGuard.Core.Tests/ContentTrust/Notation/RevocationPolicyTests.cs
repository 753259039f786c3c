using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;
using static ContainerBuildGuard.ContentTrust.Notation.RevocationTests;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Who is asked about revocation, when nobody is, and what becomes of an answer that is missing.</summary>
[TestClass]
public sealed class RevocationPolicyTests
{
    [TestMethod]
    public async Task Offline_only_what_was_kept_and_is_still_good_counts()
    {
        await using var fixture = new NotationFixture(places: true);
        var cached = new NotationOptions { Revocation = RevocationMode.Cached };
        fixture.Answer = Ocsp(_ => Good(fixture));
        Assert.IsTrue((await CheckAsync(fixture, cached)).Unfinished);
        Assert.IsEmpty(fixture.Web.Requests);
        Assert.IsNotNull((await CheckAsync(fixture)).Verified);
        fixture.Answer = _ => new ServerAnswer(500, []);
        Assert.IsNotNull((await CheckAsync(fixture, cached)).Verified);
        Assert.IsNotNull((await CheckAsync(fixture)).Verified, "a kept answer that is good is not asked for again");
        Assert.HasCount(1, fixture.Web.Requests);
        foreach (var file in Directory.GetFiles(fixture.CacheFolder))
        {
            var bytes = File.ReadAllBytes(file);
            bytes[^1] ^= 1;
            File.WriteAllBytes(file, bytes);
        }

        Assert.IsTrue((await CheckAsync(fixture, cached)).Unfinished, "a kept answer is verified like any other");
    }

    [TestMethod]
    [DataRow("enforce", null, false)]
    [DataRow("log", "only logs", true)]
    [DataRow("skip", null, true)]
    public async Task The_policy_says_what_an_unknown_revocation_means(string action, string? note, bool passes)
    {
        await using var fixture = new NotationFixture(places: true);
        using var trust = fixture.Trust(NotationFixture.Level("strict", "revocation", action));
        var outcome = await fixture.CheckAsync(fixture.Forge().Write(NotationFixture.Jws, fixture.Signer), NotationFixture.Jws, trust);
        Assert.AreEqual(passes, outcome.Verified is not null);
        Assert.AreEqual(action == "skip", fixture.Web.Requests.IsEmpty);
        StringAssert.Contains(string.Join(' ', outcome.Notes), note ?? "");
    }

    [TestMethod]
    public async Task Revocation_that_is_switched_off_is_noted_and_asks_nobody()
    {
        await using var fixture = new NotationFixture(places: true);
        var outcome = await CheckAsync(fixture, new NotationOptions { Revocation = RevocationMode.Off });
        Assert.IsNotNull(outcome.Verified);
        StringAssert.Contains(outcome.Notes.Single(), "was not asked");
        Assert.IsEmpty(fixture.Web.Requests);
    }

    [TestMethod]
    public async Task A_strangers_certificates_choose_nobody_to_ask()
    {
        await using var fixture = new NotationFixture(places: true);
        using var strangers = new TestPki(fixture.Now.AddMonths(-1), new Uri(fixture.Web.Address, "ocsp"));
        var signer = strangers.CodeSigner();
        var forged = new ForgedEnvelope(strangers.ChainOf(signer), NotationFixture.PayloadOf(fixture.Image), fixture.Now);
        using var trust = fixture.Trust(NotationFixture.Level("audit"));
        var outcome = await fixture.CheckAsync(forged.Write(NotationFixture.Jws, signer), NotationFixture.Jws, trust);
        Assert.IsNotNull(outcome.Verified, "audit only logs");
        Assert.IsTrue(outcome.Notes.Any(n => n.Contains("leads to no certificate", StringComparison.Ordinal)));
        Assert.IsEmpty(fixture.Web.Requests);
    }

    [TestMethod]
    [DataRow("file:///etc/passwd")]
    [DataRow("ldap://directory.example/cn=list")]
    [DataRow("http://user:word@127.0.0.1/list")]
    public async Task Only_plain_web_addresses_are_asked(string address)
    {
        await using var fixture = new NotationFixture();
        var signer = fixture.Pki.CodeSigner(r => r.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([address])));
        var outcome = await fixture.CheckAsync(fixture.Forge(signer).Write(NotationFixture.Jws, signer), NotationFixture.Jws);
        Assert.IsTrue(outcome.Unfinished);
        StringAssert.Contains(outcome.Reason, "no place to ask");
    }

    [TestMethod]
    [DataRow(RevocationMode.Online, true)]
    [DataRow(RevocationMode.Off, false)]
    public async Task A_timestamp_authoritys_revocation_is_enforced_until_it_is_switched_off(RevocationMode mode, bool unfinished)
    {
        await using var fixture = new NotationFixture();
        var stamper = fixture.Stamps.TimeStamper(r => r.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([fixture.Web.Address.AbsoluteUri], null)));
        var forged = fixture.Forge();
        forged.Timestamp = fixture.Stamp(stamper: stamper).Token;
        var envelope = forged.Write(NotationFixture.Cose, fixture.Signer);
        using var trust = fixture.Trust(s =>
        {
            NotationFixture.WithTimestamps()(s);
            NotationFixture.Level("strict", "revocation", "skip")(s);
        }, new NotationOptions { Revocation = mode });
        var outcome = await fixture.CheckAsync(envelope, NotationFixture.Cose, trust);
        Assert.AreEqual(unfinished, outcome.Unfinished, outcome.Reason);
        Assert.AreEqual(!unfinished, outcome.Verified is not null);
        if (mode == RevocationMode.Online)
        {
            fixture.Answer = request => new ServerAnswer(200, (Good(fixture) with { Signer = fixture.Stamps.Issuer, RevokedAt = fixture.Now.AddDays(-1) }).Respond(request.Body));
            StringAssert.Contains((await fixture.CheckAsync(envelope, NotationFixture.Cose, trust)).Reason, "the timestamp's");
        }
    }

    [TestMethod]
    public async Task An_image_whose_revocation_is_not_known_is_neither_verified_nor_refused()
    {
        await using var fixture = new NotationFixture(places: true);
        await fixture.AttachAsync(fixture.Forge().Write(NotationFixture.Jws, fixture.Signer), NotationFixture.Jws);
        using var trust = fixture.Trust();
        var thrown = await Assert.ThrowsExactlyAsync<GuardException>(() => fixture.VerifyAsync(trust));
        Assert.AreEqual("CBG3020", thrown.Code);
        Assert.AreEqual(GuardFailure.Environment, thrown.Kind);
    }
}
