using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Revocation against servers on loopback that answer well, badly, late, and not at all.</summary>
[TestClass]
public sealed class RevocationTests
{
    private static readonly (string Name, Func<NotationFixture, TestOcsp, TestOcsp> Change, string Reason)[] Useless =
    [
        ("expired", (f, a) => a with { From = f.Now.AddDays(-3), Until = f.Now.AddDays(-1) }, "was good until"),
        ("expired without an end", (f, a) => a with { From = f.Now.AddDays(-3), Until = null }, "was good until"),
        ("future", (f, a) => a with { From = f.Now.AddDays(1) }, "from the future"),
        ("unknown", (_, a) => a with { Knows = false }, "does not know"),
        ("about another certificate", (_, a) => a with { About = [9] }, "another certificate"),
        ("signed by the signer itself", (f, a) => a with { Signer = f.Signer, Appointed = true }, "is not for OCSP"),
        ("signed by a stranger", (f, a) => a with { Signer = f.Stamps.Responder(), Appointed = true }, "not issued by"),
        ("signed by nobody who is there", (f, a) => a with { Signer = f.Pki.Responder() }, "signed neither"),
        ("by a responder that must be checked itself", (f, a) => a with { Signer = f.Pki.Responder(r => r.CertificateExtensions.Remove(r.CertificateExtensions.First(e => e.Oid!.Value == "1.3.6.1.5.5.7.48.1.5"))), Appointed = true }, "itself"),
        ("a refusal", (_, a) => a with { Status = 3 }, "try later"),
    ];

    private static readonly (string Name, Func<NotationFixture, ServerAnswer> Answer, string Reason)[] UselessLists =
    [
        ("not found", _ => new ServerAnswer(404, []), "status 404"),
        ("expired", f => List(f, [], until: f.Now.AddHours(-1)), "was good until"),
        ("future", f => List(f, [], from: f.Now.AddHours(1), until: f.Now.AddDays(1)), "from the future"),
        ("of another issuer", f => List(f, [], issuer: f.Stamps.Issuer), "not the issuer's"),
        ("of the root", f => List(f, [], issuer: f.Pki.Root), "not the issuer's"),
        ("no list", _ => new ServerAnswer(200, "<html>"u8.ToArray()), "cannot be read"),
        ("elsewhere", f => new ServerAnswer(302, [], Headers: new Dictionary<string, string> { ["Location"] = new Uri(f.Web.Address, "other").AbsoluteUri }), "status 302"),
    ];

    public static IEnumerable<object[]> UselessListNames => UselessLists.Select(u => new object[] { u.Name });

    public static IEnumerable<object[]> UselessNames => Useless.Select(u => new object[] { u.Name });

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task A_good_answer_of_the_issuer_or_its_responder_lets_the_signature_pass(bool appointed)
    {
        await using var fixture = new NotationFixture(places: true);
        var answer = Good(fixture) with { Signer = appointed ? fixture.Pki.Responder() : fixture.Pki.Issuer, Appointed = appointed };
        fixture.Answer = Ocsp(_ => answer);
        var outcome = await CheckAsync(fixture);
        Assert.IsNotNull(outcome.Verified, outcome.Reason);
        Assert.AreEqual("application/ocsp-request", fixture.Web.Requests.Single().Headers["Content-Type"]);
    }

    [TestMethod]
    public async Task A_revoked_certificate_is_refused_without_asking_anyone_else()
    {
        await using var fixture = new NotationFixture(places: true);
        fixture.Answer = Ocsp(_ => Good(fixture) with { RevokedAt = fixture.Now.AddDays(-1) });
        var outcome = await CheckAsync(fixture);
        Assert.IsNull(outcome.Verified);
        Assert.IsFalse(outcome.Unfinished);
        StringAssert.Contains(outcome.Reason, "was revoked at");
        Assert.HasCount(1, fixture.Web.Requests);
    }

    [TestMethod]
    [DynamicData(nameof(UselessNames))]
    public async Task An_answer_that_cannot_be_used_leaves_the_check_unfinished_or_to_the_list(string name)
    {
        await using var fixture = new NotationFixture(places: true);
        var (_, change, reason) = Useless.Single(u => u.Name == name);
        fixture.Answer = Ocsp(_ => change(fixture, Good(fixture)));
        var outcome = await CheckAsync(fixture);
        Assert.IsTrue(outcome.Unfinished, outcome.Reason);
        StringAssert.Contains(outcome.Reason, reason);
        fixture.Answer = request => request.Path == "/list.crl" ? List(fixture, []) : Ocsp(_ => change(fixture, Good(fixture)))(request);
        outcome = await CheckAsync(fixture);
        Assert.IsNotNull(outcome.Verified, outcome.Reason);
    }

    [TestMethod]
    public async Task A_list_revokes_where_no_responder_answers()
    {
        await using var fixture = new NotationFixture(places: true);
        fixture.Answer = request => request.Path == "/list.crl" ? List(fixture, [fixture.Signer]) : new ServerAnswer(500, []);
        StringAssert.Contains((await CheckAsync(fixture)).Reason, "was revoked at");
    }

    [TestMethod]
    [DynamicData(nameof(UselessListNames))]
    public async Task A_list_that_cannot_be_used_leaves_the_check_unfinished(string name)
    {
        var (_, list, reason) = UselessLists.Single(u => u.Name == name);
        await using var fixture = new NotationFixture(places: true);
        fixture.Answer = request => request.Path == "/list.crl" ? list(fixture) : new ServerAnswer(404, []);
        var outcome = await CheckAsync(fixture);
        Assert.IsTrue(outcome.Unfinished, name);
        StringAssert.Contains(outcome.Reason, reason);
        Assert.IsFalse(fixture.Web.Requests.Any(r => r.Path == "/other"));
    }

    [TestMethod]
    public async Task What_an_expired_list_revokes_stays_revoked()
    {
        await using var fixture = new NotationFixture(places: true);
        fixture.Answer = request => request.Path == "/list.crl" ? List(fixture, [fixture.Signer], until: fixture.Now.AddHours(-1)) : new ServerAnswer(404, []);
        var outcome = await CheckAsync(fixture);
        Assert.IsFalse(outcome.Unfinished);
        StringAssert.Contains(outcome.Reason, "was revoked at");
    }

    [TestMethod]
    public async Task What_was_provably_signed_before_the_key_was_compromised_stays_good()
    {
        await using var fixture = new NotationFixture(places: true);
        fixture.Answer = Ocsp(_ => Good(fixture) with { RevokedAt = fixture.Now.AddHours(-1), InvalidSince = fixture.Now.AddDays(-1) });
        var forged = fixture.Forge();
        forged.Timestamp = fixture.Stamp(fixture.Now.AddDays(-2)).Token;
        using var trust = fixture.Trust(NotationFixture.WithTimestamps());
        Assert.IsNotNull((await fixture.CheckAsync(forged.Write(NotationFixture.Jws, fixture.Signer), NotationFixture.Jws, trust)).Verified);
        forged.Timestamp = fixture.Stamp(fixture.Now.AddHours(-2)).Token;
        StringAssert.Contains((await fixture.CheckAsync(forged.Write(NotationFixture.Jws, fixture.Signer), NotationFixture.Jws, trust)).Reason, "revoked");
        StringAssert.Contains((await CheckAsync(fixture)).Reason, "revoked");
    }

    [TestMethod]
    public async Task A_server_that_is_gone_leaves_the_check_unfinished()
    {
        await using var fixture = new NotationFixture(places: true);
        await fixture.StopWebAsync();
        var outcome = await CheckAsync(fixture);
        Assert.IsTrue(outcome.Unfinished);
        StringAssert.Contains(outcome.Reason, "cannot be asked");
    }

    [TestMethod]
    public async Task A_server_that_does_not_answer_is_not_waited_for()
    {
        await using var fixture = new NotationFixture(places: true);
        using var released = new ManualResetEventSlim();
        fixture.Answer = _ =>
        {
            released.Wait(TimeSpan.FromMinutes(1));
            return new ServerAnswer(404, []);
        };
        var outcome = await CheckAsync(fixture, new NotationOptions { RevocationTimeout = TimeSpan.FromMilliseconds(200) });
        released.Set();
        StringAssert.Contains(outcome.Reason, "no answer in time");
    }

    [TestMethod]
    public async Task An_answer_with_one_changed_byte_or_cut_off_never_makes_a_revoked_certificate_good()
    {
        await using var fixture = new NotationFixture(places: true);
        var request = new OcspRequest(fixture.Signer, fixture.Pki.Issuer);
        var ocsp = (Good(fixture) with { RevokedAt = fixture.Now.AddDays(-1) }).Respond(request.Encode());
        var list = List(fixture, [fixture.Pki.CodeSigner(), fixture.Signer]).Body;
        foreach (var (answer, read) in ((byte[], Func<byte[], RevocationAnswer>)[])[
            (ocsp, b => OcspResponse.Read(b, request, fixture.Pki.Issuer, fixture.Now)),
            (list, b => RevocationList.Read(b, fixture.Signer, fixture.Pki.Issuer, fixture.Now).Judge(null))])
        {
            Assert.AreEqual(RevocationStatus.Revoked, Status(answer, read));
            for (var i = 0; i < answer.Length; i++)
            {
                foreach (var mask in (byte[])[1, 0x20, 0x80])
                {
                    answer[i] ^= mask;
                    Assert.AreNotEqual(RevocationStatus.Good, Status(answer, read), $"byte {i} ^ {mask}");
                    answer[i] ^= mask;
                }

                Assert.AreEqual(RevocationStatus.Unavailable, Status(answer[..i], read), $"cut at {i}");
            }
        }
    }

    private static RevocationStatus Status(byte[] answer, Func<byte[], RevocationAnswer> read) => RevocationSource.Read(answer, new Uri("http://localhost"), read).Answer?.Status ?? RevocationStatus.Unavailable;

    internal static TestOcsp Good(NotationFixture fixture) => new() { Signer = fixture.Pki.Issuer, From = fixture.Now.AddMinutes(-5), Until = fixture.Now.AddDays(1) };

    internal static Func<ServerRequest, ServerAnswer> Ocsp(Func<byte[], TestOcsp> answer) =>
        request => request.Path == "/ocsp" ? new ServerAnswer(200, answer(request.Body).Respond(request.Body), "application/ocsp-response") : new ServerAnswer(404, []);

    private static ServerAnswer List(NotationFixture fixture, X509Certificate2[] revoked, DateTimeOffset? from = null, DateTimeOffset? until = null, X509Certificate2? issuer = null)
    {
        var builder = new CertificateRevocationListBuilder();
        foreach (var certificate in revoked)
        {
            builder.AddEntry(certificate, fixture.Now.AddDays(-1));
        }

        return new ServerAnswer(200, builder.Build(issuer ?? fixture.Pki.Issuer, 1, until ?? fixture.Now.AddDays(1), HashAlgorithmName.SHA256, thisUpdate: from ?? fixture.Now.AddDays(-2)), "application/pkix-crl");
    }

    internal static async Task<SignatureOutcome> CheckAsync(NotationFixture fixture, NotationOptions? options = null)
    {
        using var trust = fixture.Trust(options: options);
        return await fixture.CheckAsync(fixture.Forge().Write(NotationFixture.Jws, fixture.Signer), NotationFixture.Jws, trust);
    }
}
