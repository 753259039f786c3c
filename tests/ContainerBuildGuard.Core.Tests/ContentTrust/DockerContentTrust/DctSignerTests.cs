using System.Security.Cryptography;
using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Which keys sign, and what is said where they are missing. What real servers and clients make of it is tested with those.</summary>
[TestClass]
public sealed class DctSignerTests
{
    private static readonly string Passphrase = string.Concat("pass", "phrase", "-", 1);

    [TestMethod]
    [DataRow(true, true)]
    [DataRow(false, true)]
    [DataRow(true, false)]
    public void A_key_of_dockers_store_signs_as_metadata_is_signed(bool ecdsa, bool encrypted)
    {
        using AsymmetricAlgorithm key = ecdsa ? ECDsa.Create(ECCurve.NamedCurves.nistP256) : RSA.Create(2048);
        using var opened = DctSigningKey.Parse(Pem(key, encrypted), ["wrong passphrase", Passphrase]);
        Assert.IsNotNull(opened);
        var data = Encoding.UTF8.GetBytes("metadata");
        var json = System.Text.Json.JsonSerializer.SerializeToElement(new { keytype = opened.Kind, keyval = new { @private = (string?)null, @public = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) } });
        var verifying = DctKey.Read(opened.CanonicalId, json)!;
        Assert.IsTrue(verifying.Verify(data, verifying.Method, opened.Sign(data)));
        Assert.IsFalse(verifying.Verify(data.AsSpan(1), verifying.Method, opened.Sign(data)));
    }

    [TestMethod]
    public void A_wrong_passphrase_opens_nothing_and_what_is_no_key_is_said()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.IsNull(DctSigningKey.Parse(Pem(key, encrypted: true), ["wrong passphrase"]));
        Assert.ThrowsExactly<CryptographicException>(() => DctSigningKey.Parse("nothing", []));
        Assert.ThrowsExactly<CryptographicException>(() => DctSigningKey.Parse("-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END EC PRIVATE KEY-----", []));
    }

    [TestMethod]
    public async Task A_signer_without_the_keys_of_the_releases_is_told_so()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        var thrown = await Assert.ThrowsExactlyAsync<GuardException>(() => SignAsync(fixture));
        Assert.AreEqual(ContentTrustRules.KeyRequired.Code, thrown.Code);
        StringAssert.Contains(thrown.Message, "no key of any of its signers");
        fixture.Notary.Delegations["targets/alice"].Keys = [NotaryKey.Ecdsa("alice")];
        fixture.Notary.Publish();
        Keep(fixture, fixture.Notary.Delegations["targets/alice"].Keys[0]);
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<GuardException>(() => SignAsync(fixture))).Message, "only in targets/alice");
    }

    [TestMethod]
    public async Task A_threshold_that_the_keys_here_do_not_meet_publishes_nothing()
    {
        await using var fixture = await DctFixture.CreateAsync();
        fixture.Notary.Targets.Keys = [NotaryKey.Ecdsa(), NotaryKey.Ecdsa()];
        fixture.Notary.Targets.Threshold = 2;
        fixture.Notary.Publish();
        Keep(fixture, fixture.Notary.Targets.Keys[0]);
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<GuardException>(() => SignAsync(fixture))).Message, "needs signatures of 2");
        Assert.IsFalse(fixture.Notary.Requests.Any(r => r.StartsWith("POST", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow(409)]
    [DataRow(400)]
    [DataRow(500)]
    public async Task A_server_that_does_not_take_it_is_an_error(int status)
    {
        await using var fixture = await DctFixture.CreateAsync();
        Keep(fixture, fixture.Notary.Targets.Keys[0]);
        fixture.Notary.Lie = (context, _) =>
        {
            context.Response.StatusCode = context.Request.Method == "POST" ? status : 200;
            return Task.FromResult(context.Request.Method == "POST");
        };
        var thrown = await Assert.ThrowsExactlyAsync<GuardException>(() => SignAsync(fixture));
        Assert.AreEqual(GuardFailure.Environment, thrown.Kind);
        Assert.AreEqual(status == 500 ? "CBG3035" : "CBG3006", thrown.Code);
    }

    [TestMethod]
    public async Task A_wrong_passphrase_and_a_key_under_another_name_are_told_apart()
    {
        await using var fixture = await DctFixture.CreateAsync();
        Keep(fixture, fixture.Notary.Targets.Keys[0]);
        var thrown = await Assert.ThrowsExactlyAsync<GuardException>(() => SignAsync(fixture, "another passphrase"));
        StringAssert.Contains(thrown.Message, "DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE and NOTARY_TARGETS_PASSPHRASE");
        Assert.DoesNotContain("another passphrase", thrown.Message);
        using var foreign = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await File.WriteAllTextAsync(Path.Combine(fixture.At("keys"), "private", $"{fixture.Notary.Targets.Keys[0].Id}.key"), Pem(foreign, encrypted: true));
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<GuardException>(() => SignAsync(fixture))).Message, "not the one that its name says");
    }

    [TestMethod]
    public async Task What_a_server_says_it_took_and_did_not_is_no_signature()
    {
        await using var fixture = await DctFixture.CreateAsync();
        Keep(fixture, fixture.Notary.Targets.Keys[0]);
        fixture.Notary.Lie = (context, _) => Task.FromResult(context.Request.Method == "POST");
        Assert.AreEqual("CBG3006", (await Assert.ThrowsExactlyAsync<GuardException>(() => SignAsync(fixture))).Code);
    }

    private static Task<DctSigning> SignAsync(DctFixture fixture, string? passphrase = null) =>
        DctSigner.SignAsync(fixture.Client, ImageReference.Parse($"{fixture.Name}:2.0"), fixture.Trust, new DctKeyFolder(fixture.At("keys"), n => n == "DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE" ? passphrase ?? Passphrase : null), CancellationToken.None);

    private static void Keep(DctFixture fixture, NotaryKey key)
    {
        var folder = Directory.CreateDirectory(Path.Combine(fixture.At("keys"), "private"));
        var id = DctKey.IdOf("ecdsa", Convert.ToBase64String(key.Private!.ExportSubjectPublicKeyInfo()));
        File.WriteAllText(Path.Combine(folder.FullName, $"{id}.key"), Pem(key.Private, encrypted: true));
    }

    private static string Pem(AsymmetricAlgorithm key, bool encrypted)
    {
        var pem = encrypted ? key.ExportEncryptedPkcs8PrivateKeyPem(Passphrase, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA1, 2048)) : key.ExportPkcs8PrivateKeyPem();
        var lines = pem.Split('\n');
        return string.Join('\n', [lines[0], "gun: localhost:5000/app", "role: targets", "", .. lines[1..]]);
    }
}
