using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>OpenSSL as timestamp authority and OCSP responder: what it makes of our requests, and what we make of its answers.</summary>
[TestClass]
public sealed class OpenSslTests
{
    [TestInitialize]
    public void Require()
    {
        if (!ProcessRunner.Exists("openssl"))
        {
            Assert.Inconclusive("openssl is not installed.");
        }
    }

    [TestMethod]
    public async Task Its_timestamps_are_taken()
    {
        await using var fixture = new NotationFixture();
        var stamper = fixture.Stamps.TimeStamper();
        var config = fixture.FileOf("tsa.cnf", Encoding.ASCII.GetBytes($"""
            [t]
            serial = {fixture.FileOf("serial", "01"u8.ToArray())}
            signer_digest = sha256
            default_policy = 1.2.3.4
            digests = sha256
            accuracy = secs:1, millisecs:500
            ess_cert_id_alg = sha256
            """));
        var (certificate, key) = Files(fixture, "stamper", stamper);
        var chain = fixture.FileOf("issuer.pem", Pem(fixture.Stamps.Issuer));
        fixture.Answer = request =>
        {
            var (query, reply) = (fixture.FileOf("q", request.Body), fixture.FileOf("r", []));
            Run("ts", "-reply", "-config", config, "-section", "t", "-queryfile", query, "-signer", certificate, "-inkey", key, "-chain", chain, "-out", reply);
            return new ServerAnswer(200, File.ReadAllBytes(reply), "application/timestamp-reply");
        };
        using var signing = await NotationSigning.OpenAsync(
            new NotationSigningOptions { Key = fixture.KeyOf(fixture.Signer), TimestampAuthority = fixture.Web.Address, TimestampRootFile = fixture.FileOf("tsa.pem", Pem(fixture.Stamps.Root)) },
            CancellationToken.None);
        var (mediaType, envelope) = await signing.SignAsync(fixture.Image, CancellationToken.None);
        var read = Sigstore.TimestampToken.Parse(NotationEnvelope.Parse(mediaType, envelope).Timestamp);
        Assert.AreEqual(TimeSpan.FromSeconds(1.5), read.Accuracy);
        using var trust = fixture.Trust(NotationFixture.WithTimestamps(), new NotationOptions { Time = new SystemClock() });
        var outcome = await fixture.CheckAsync(envelope, mediaType, trust);
        Assert.IsNotNull(outcome.Verified, outcome.Reason);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Its_answers_about_revocation_are_taken(bool revoked)
    {
        await using var fixture = new NotationFixture(places: true);
        var expires = fixture.Signer.NotAfter.ToUniversalTime().ToString("yyMMddHHmmss'Z'", CultureInfo.InvariantCulture);
        var index = fixture.FileOf("index.txt", Encoding.ASCII.GetBytes($"{(revoked ? 'R' : 'V')}\t{expires}\t{(revoked ? "240101000000Z" : "")}\t{fixture.Signer.SerialNumber}\tunknown\t/CN=signer\n"));
        var (certificate, key) = Files(fixture, "responder", fixture.Pki.Responder());
        var issuer = fixture.FileOf("issuer.pem", Pem(fixture.Pki.Issuer));
        fixture.Answer = request =>
        {
            var (query, reply) = (fixture.FileOf("q", request.Body), fixture.FileOf("r", []));
            Run("ocsp", "-index", index, "-CA", issuer, "-rsigner", certificate, "-rkey", key, "-reqin", query, "-respout", reply, "-ndays", "1");
            return new ServerAnswer(200, File.ReadAllBytes(reply), "application/ocsp-response");
        };
        using var trust = fixture.Trust(options: new NotationOptions { Time = new SystemClock() });
        var outcome = await fixture.CheckAsync(fixture.Forge().Write(NotationFixture.Cose, fixture.Signer), NotationFixture.Cose, trust);
        Assert.AreEqual(!revoked, outcome.Verified is not null, outcome.Reason);
        Assert.IsFalse(outcome.Unfinished, outcome.Reason);
        StringAssert.Contains(outcome.Reason, revoked ? "was revoked at 2024-01-01 00:00:00Z" : "");
    }

    private static void Run(params string[] arguments) => ProcessRunner.MustAsync("openssl", arguments).GetAwaiter().GetResult();

    private static byte[] Pem(X509Certificate2 certificate) => Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());

    private static (string Certificate, string Key) Files(NotationFixture fixture, string name, X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey()!;
        return (fixture.FileOf($"{name}.pem", Pem(certificate)), fixture.FileOf($"{name}.key", Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem())));
    }

    /// <summary>OpenSSL has no other clock than the machine's.</summary>
    private sealed class SystemClock : TimeProvider;
}
