using ContainerBuildGuard.Sigstore.Conformance;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore;

[TestClass]
public sealed class TimestampTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    [DataRow("rekor2-timestamp-with-embedded-cert")]
    [DataRow("rekor2-timestamp-without-embedded-cert")]
    public void A_changed_or_cut_timestamp_is_a_reason_and_never_a_time(string name)
    {
        var (timestamp, signature, authorities) = Of(name);
        Assert.IsNotNull(TimestampVerifier.Verify(timestamp, signature, authorities).Time);
        for (var i = 0; i < timestamp.Length; i++)
        {
            var changed = (byte[])timestamp.Clone();
            changed[i] ^= 1;
            Refused(TimestampVerifier.Verify(changed, signature, authorities), $"byte {i} changed");
            Refused(TimestampVerifier.Verify(timestamp.AsMemory(0, i), signature, authorities), $"cut at {i}");
        }
    }

    [TestMethod]
    public void Authorities_are_all_asked()
    {
        var (timestamp, signature, authorities) = Of("rekor2-timestamp-without-embedded-cert");
        var others = Of("happy-path-v0.3").Authorities;
        Refused(TimestampVerifier.Verify(timestamp, signature, others), "another instance's authorities");
        Assert.IsNotNull(TimestampVerifier.Verify(timestamp, signature, [.. others, .. authorities]).Time);
    }

    [TestMethod]
    public async Task An_answer_to_another_request_is_refused()
    {
        var (timestamp, signature, _) = Of("rekor2-timestamp-without-embedded-cert");
        await using var server = new AnswerServer(_ => new ServerAnswer(201, timestamp, "application/timestamp-reply"));
        using var http = new HttpClient();
        var thrown = await Assert.ThrowsExactlyAsync<SigstoreException>(() => TimestampClient.RequestAsync(http, server.Address, signature, TestContext.CancellationToken));
        Assert.AreEqual(SigstoreError.Untrusted, thrown.Error);
        Assert.AreEqual("application/timestamp-query", server.Requests.Single().Headers["Content-Type"]);
    }

    [TestMethod]
    public void What_nobody_vouches_for_is_passed_over_in_other_authorities_tokens_and_refused_in_sigstores()
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow.AddDays(-1));
        var stamper = pki.TimeStamper();
        var authority = new TestTimestamp { Signer = stamper, Certificates = [stamper, pki.Issuer], Time = DateTimeOffset.UtcNow, AccuracySeconds = 2 };
        Assert.IsNull(TimestampToken.ParseStrict(authority.Token([1])).CheckSignature(stamper));
        foreach (var token in (byte[][])[(authority with { HasExtras = true }).Token([1]), Indefinite(authority.Token([1]))])
        {
            var read = TimestampToken.Parse(token);
            Assert.IsNull(read.CheckSignature(stamper));
            Assert.IsNotNull(read.CheckSignature(pki.Issuer));
            Assert.AreEqual(TimeSpan.FromSeconds(2), read.Accuracy);
            Assert.IsTrue(read.NamesItsCertificate);
            Assert.ThrowsExactly<SigstoreException>(() => TimestampToken.ParseStrict(token));
        }
    }

    /// <summary>The same token in BER: its outermost sequence ends with a mark.</summary>
    private static byte[] Indefinite(byte[] der) => [0x30, 0x80, .. der[4..], 0, 0];

    private static void Refused((DateTimeOffset? Time, string Authority, string Reason) result, string what)
    {
        Assert.IsNull(result.Time, what);
        Assert.AreNotEqual("", result.Reason, what);
    }

    private static (byte[] Timestamp, byte[] Signature, System.Collections.Immutable.ImmutableArray<CertificateAuthority> Authorities) Of(string name)
    {
        var good = new Case(name);
        var bundle = Bundle.Parse(good.Bundle());
        return (bundle.Timestamps.FirstOrDefault() ?? [], bundle.Content.Signature, good.TrustedRoot.TimestampAuthorities);
    }
}
