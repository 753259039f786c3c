using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Lists that keep their latest changes in another one, and lists of several issuers.</summary>
[TestClass]
public sealed class RevocationChangesTests
{
    private const int Hold = 6;
    private const int TakenBack = 8;

    /// <summary>Changes that cannot be used.</summary>
    private static readonly (string Name, Func<NotationFixture, TestList, TestList> Change, string Reason)[] Useless =
    [
        ("expired", (f, l) => l with { Until = f.Now.AddHours(-1) }, "was good until"),
        ("without an end", (_, l) => l with { Until = null }, "does not say until when"),
        ("future", (f, l) => l with { From = f.Now.AddHours(1) }, "from the future"),
        ("whole", (_, l) => l with { Since = null }, "is a whole list"),
        ("of another issuer", (f, l) => l with { Signer = f.Stamps.Issuer }, "not the issuer's"),
        ("to a later list", (_, l) => l with { Since = 8, Number = 9 }, "does not belong"),
        ("older than the list", (_, l) => l with { Since = 3, Number = 6 }, "does not belong"),
        ("without a number", (_, l) => l with { Number = null }, "does not belong"),
        ("of several issuers", (_, l) => l with { Scope = 4 }, "several issuers"),
        ("about authorities alone", (_, l) => l with { Scope = 2 }, "not about every revocation"),
    ];

    public static IEnumerable<object[]> UselessNames => Useless.Select(u => new object[] { u.Name });

    [TestMethod]
    [DataRow(null, null, null)]
    [DataRow(null, 1, "was revoked at")]
    [DataRow(null, Hold, "was revoked at")]
    [DataRow(Hold, null, "was revoked at")]
    [DataRow(Hold, TakenBack, null)]
    [DataRow(Hold, 1, "was revoked at")]
    [DataRow(1, TakenBack, "was revoked at")]
    public async Task A_list_and_its_changes_are_read_together(int? reason, int? changed, string? refusal)
    {
        await using var fixture = new NotationFixture(places: true);
        Serve(fixture, Whole(fixture, reason), Changes(fixture, changed));
        var outcome = await RevocationTests.CheckAsync(fixture);
        Assert.IsFalse(outcome.Unfinished, outcome.Reason);
        Assert.AreEqual(refusal is null, outcome.Verified is not null, outcome.Reason);
        StringAssert.Contains(outcome.Reason, refusal ?? "");
    }

    [TestMethod]
    [DynamicData(nameof(UselessNames))]
    public async Task Without_changes_that_can_be_used_nothing_is_known_and_what_the_list_revokes_stays_so(string name)
    {
        var (_, change, reason) = Useless.Single(u => u.Name == name);
        await using var fixture = new NotationFixture(places: true);
        Serve(fixture, Whole(fixture), change(fixture, Changes(fixture)));
        var outcome = await RevocationTests.CheckAsync(fixture);
        Assert.IsTrue(outcome.Unfinished, outcome.Reason);
        StringAssert.Contains(outcome.Reason, reason);
        Serve(fixture, Whole(fixture, Hold), change(fixture, Changes(fixture, TakenBack)));
        StringAssert.Contains((await RevocationTests.CheckAsync(fixture)).Reason, "was revoked at");
    }

    [TestMethod]
    public async Task A_list_that_was_renewed_before_its_time_is_fetched_again_for_its_changes()
    {
        await using var fixture = new NotationFixture(places: true);
        Serve(fixture, Whole(fixture), Changes(fixture) with { Until = fixture.Now.AddMinutes(1) });
        Assert.IsNotNull((await RevocationTests.CheckAsync(fixture)).Verified);
        File.Delete(Path.Combine(fixture.CacheFolder, RevocationCache.Key(new Uri(At(fixture)), null)));
        Serve(fixture, Whole(fixture) with { Number = 20 }, Changes(fixture) with { Since = 20, Number = 21 });
        var outcome = await RevocationTests.CheckAsync(fixture);
        Assert.IsNotNull(outcome.Verified, outcome.Reason);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("ldap://directory.example/cn=changes")]
    public async Task Changes_at_no_web_address_are_not_known(string address)
    {
        await using var fixture = new NotationFixture(places: true);
        Serve(fixture, Whole(fixture) with { ChangesAt = address }, null);
        var outcome = await RevocationTests.CheckAsync(fixture);
        Assert.IsTrue(outcome.Unfinished);
        StringAssert.Contains(outcome.Reason, "no http or https address");
    }

    [TestMethod]
    public async Task A_certificate_may_name_the_changes_itself()
    {
        await using var fixture = new NotationFixture(places: true);
        var signer = fixture.Pki.CodeSigner(r => r.CertificateExtensions.Add(new X509Extension("2.5.29.46", TestList.Points(At(fixture)), false)));
        var whole = Whole(fixture) with { ChangesAt = null };
        Serve(fixture, whole, Changes(fixture) with { Entries = [new(signer)] });
        var envelope = fixture.Forge(signer).Write(NotationFixture.Jws, signer);
        StringAssert.Contains((await fixture.CheckAsync(envelope, NotationFixture.Jws)).Reason, "was revoked at");
        Assert.IsNotNull((await RevocationTests.CheckAsync(fixture)).Verified, "the certificate that does not name them does not ask for them");
    }

    [TestMethod]
    public async Task Changes_without_their_list_are_no_list()
    {
        await using var fixture = new NotationFixture(places: true);
        Serve(fixture, Changes(fixture), null);
        var outcome = await RevocationTests.CheckAsync(fixture);
        Assert.IsTrue(outcome.Unfinished);
        StringAssert.Contains(outcome.Reason, "has changes alone");
        Serve(fixture, Whole(fixture, TakenBack), Changes(fixture));
        StringAssert.Contains((await RevocationTests.CheckAsync(fixture)).Reason, "takes an entry back");
    }

    [TestMethod]
    public async Task Offline_both_must_have_been_kept()
    {
        await using var fixture = new NotationFixture(places: true);
        Serve(fixture, Whole(fixture), Changes(fixture));
        Assert.IsNotNull((await RevocationTests.CheckAsync(fixture)).Verified);
        var offline = new NotationOptions { Revocation = RevocationMode.Cached };
        Assert.IsNotNull((await RevocationTests.CheckAsync(fixture, offline)).Verified);
        File.Delete(Path.Combine(fixture.CacheFolder, RevocationCache.Key(new Uri(At(fixture)), null)));
        Assert.IsTrue((await RevocationTests.CheckAsync(fixture, offline)).Unfinished);
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Lists_of_several_issuers_are_not_read(bool byScope)
    {
        await using var fixture = new NotationFixture(places: true);
        var whole = Whole(fixture) with { ChangesAt = null, Scope = byScope ? 4 : null, Entries = byScope ? [] : [new(fixture.Pki.CodeSigner(), 1, fixture.Stamps.Issuer), new(fixture.Signer)] };
        Serve(fixture, whole, null);
        var outcome = await RevocationTests.CheckAsync(fixture);
        Assert.IsTrue(outcome.Unfinished, outcome.Reason);
        StringAssert.Contains(outcome.Reason, "several issuers");
    }

    private static string At(NotationFixture fixture) => new Uri(fixture.Web.Address, "changes.crl").AbsoluteUri;

    private static TestList Whole(NotationFixture fixture, int? reason = null) => new()
    {
        Signer = fixture.Pki.Issuer,
        From = fixture.Now.AddDays(-2),
        Until = fixture.Now.AddDays(5),
        Number = 7,
        ChangesAt = At(fixture),
        Entries = reason is { } r ? [new(fixture.Pki.CodeSigner()), new(fixture.Signer, r)] : [],
    };

    private static TestList Changes(NotationFixture fixture, int? reason = null) => new()
    {
        Signer = fixture.Pki.Issuer,
        From = fixture.Now.AddHours(-2),
        Until = fixture.Now.AddDays(1),
        Number = 9,
        Since = 7,
        Entries = reason is { } r ? [new(fixture.Signer, r)] : [],
    };

    private static void Serve(NotationFixture fixture, TestList whole, TestList? changes) => fixture.Answer = request => request.Path switch
    {
        "/list.crl" => new ServerAnswer(200, whole.Encode(), "application/pkix-crl"),
        "/changes.crl" when changes is not null => new ServerAnswer(200, changes.Encode(), "application/pkix-crl"),
        _ => new ServerAnswer(404, []),
    };
}
