using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing.Pki;

namespace ContainerBuildGuard.ContentTrust.Notation;

[TestClass]
public sealed class MicrosoftTrustTests
{
    private const string Subject = "CN=Microsoft SCD Products RSA Signing, O=Microsoft Corporation, L=Redmond, S=Washington, C=US";

    [TestMethod]
    public void The_timestamp_root_is_in_the_sdk()
    {
        var sdk = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "sdk");
        var file = Directory.Exists(sdk) ? Directory.GetDirectories(sdk).Select(d => Path.Combine(d, "trustedroots", "timestampctl.pem")).FirstOrDefault(File.Exists) : null;
        if (file is null)
        {
            Assert.Inconclusive("This machine's runtime has no SDK beside it.");
        }

        using var trust = NotationTrust.Microsoft(file);
        Assert.IsNotNull(trust.Select("mcr.microsoft.com/dotnet/aspnet"));
        Assert.IsNotNull(trust.Select("mcr.microsoft.com/dotnet/monitor/base"));
        Assert.IsNull(trust.Select("mcr.microsoft.com/dotnet/nightly/aspnet"));
        Assert.IsNull(trust.Select("mcr.example.com/dotnet/aspnet"));
        var statement = trust.Select("mcr.microsoft.com/dotnet/sdk")!;
        Assert.IsTrue(statement.TimestampAlways);
        Assert.IsTrue(statement.Actions.Values.All(a => a == ValidationAction.Enforce));
        Assert.AreEqual("23ffe2b8bdb9a1711515d4cffda04bc7f793d513c76c243f1020507d8669b7db", trust.Anchors(statement, StoreType.Ca).Fingerprints.Single());
        Assert.AreEqual("df545bf919a2439c36983b54cdfc903dfa4f37d3996d8d84b4c31eec6f3c163e", trust.Anchors(statement, StoreType.Tsa).Fingerprints.Single());
    }

    [TestMethod]
    public async Task A_root_that_is_known_by_its_fingerprint_alone_and_an_expired_leaf_verify_by_timestamp()
    {
        await using var fixture = new NotationFixture();
        var signer = fixture.Pki.CodeSigner(subject: Subject, to: fixture.Now.AddDays(-1));
        Assert.IsNotNull((await CheckAsync(fixture, signer, TrustAnchors.Fingerprint(fixture.Pki.Root))).Verified);
        StringAssert.Contains((await CheckAsync(fixture, signer, MicrosoftTrust.SigningRoot)).Reason, "leads to no certificate");
        var other = fixture.Pki.CodeSigner(subject: Subject.Replace("Redmond", "Elsewhere", StringComparison.Ordinal), to: fixture.Now.AddDays(-1));
        StringAssert.Contains((await CheckAsync(fixture, other, TrustAnchors.Fingerprint(fixture.Pki.Root))).Reason, "none of the trusted identities");
    }

    [TestMethod]
    public void A_file_without_the_root_is_refused()
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, pki.Root.ExportCertificatePem());
            var thrown = Assert.ThrowsExactly<GuardException>(() => NotationTrust.Microsoft(file));
            StringAssert.Contains(thrown.Message, "timestampctl.pem");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<SignatureOutcome> CheckAsync(NotationFixture fixture, System.Security.Cryptography.X509Certificates.X509Certificate2 signer, string root)
    {
        var roots = fixture.FileOf("timestampctl.pem", Encoding.ASCII.GetBytes(fixture.Pki.Root.ExportCertificatePem() + "\n" + fixture.Stamps.Root.ExportCertificatePem()));
        using var trust = MicrosoftTrust.Open(roots, new TrustAnchors([root], []), TrustAnchors.Fingerprint(fixture.Stamps.Root), fixture.Options());
        var image = fixture.Image with { MediaType = MediaTypes.DockerManifestList };
        var forged = fixture.Forge(signer, image);
        forged.Timestamp = fixture.Stamp(fixture.Now.AddDays(-2)).Token;
        return await new SignatureCheck(trust, trust.Select("mcr.microsoft.com/dotnet/aspnet")!, image).RunAsync(new FoundEnvelope(NotationFixture.Cose, forged.Write(NotationFixture.Cose, signer), ""), CancellationToken.None);
    }
}
