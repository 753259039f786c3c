using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Pkcs;
using Org.BouncyCastle.Security;

namespace ContainerBuildGuard.Sigstore;

[TestClass]
public sealed class SigningKeyTests
{
    private static readonly byte[] Data = "what is signed"u8.ToArray();
    private static readonly PbeParameters Encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000);

    public static IEnumerable<object[]> Forms()
    {
        foreach (var curve in (ECCurve[])[ECCurve.NamedCurves.nistP256, ECCurve.NamedCurves.nistP384, ECCurve.NamedCurves.nistP521])
        {
            using var key = ECDsa.Create(curve);
            yield return [$"ECDSA {key.KeySize}, PKCS#8", key.ExportPkcs8PrivateKeyPem(), "", $"PKIX_ECDSA_P{key.KeySize}_SHA_{(key.KeySize == 521 ? 512 : key.KeySize)}"];
            yield return [$"ECDSA {key.KeySize}, SEC 1", key.ExportECPrivateKeyPem(), "", $"PKIX_ECDSA_P{key.KeySize}_SHA_{(key.KeySize == 521 ? 512 : key.KeySize)}"];
            yield return [$"ECDSA {key.KeySize}, encrypted", key.ExportEncryptedPkcs8PrivateKeyPem("password", Encryption), "password", $"PKIX_ECDSA_P{key.KeySize}_SHA_{(key.KeySize == 521 ? 512 : key.KeySize)}"];
        }

        using var rsa = RSA.Create(2048);
        yield return ["RSA, PKCS#8", rsa.ExportPkcs8PrivateKeyPem(), "", "PKIX_RSA_PKCS1V15_2048_SHA256"];
        yield return ["RSA, PKCS#1", rsa.ExportRSAPrivateKeyPem(), "", "PKIX_RSA_PKCS1V15_2048_SHA256"];
        yield return ["RSA, encrypted", rsa.ExportEncryptedPkcs8PrivateKeyPem("password", Encryption), "password", "PKIX_RSA_PKCS1V15_2048_SHA256"];
        var generator = new Ed25519KeyPairGenerator();
        generator.Init(new Ed25519KeyGenerationParameters(new SecureRandom()));
        yield return ["Ed25519, PKCS#8", PemEncoding.WriteString("PRIVATE KEY", PrivateKeyInfoFactory.CreatePrivateKeyInfo(generator.GenerateKeyPair().Private).GetDerEncoded()), "", "PKIX_ED25519"];
    }

    [TestMethod]
    [DynamicData(nameof(Forms))]
    public void A_key_of_every_form_signs_and_its_public_half_verifies(string form, string pem, string password, string details)
    {
        using var key = SigningKey.Parse(pem, password.Length > 0 ? password : null, form);
        var signature = key.Sign(Data);
        using var verifier = VerificationKey.Parse(key.PublicKey.Pem, "test");
        Assert.IsTrue(verifier.Verify(Data, signature));
        Assert.IsFalse(verifier.Verify("something else"u8, signature));
        signature[^1] ^= 1;
        Assert.IsFalse(verifier.Verify(Data, signature));
        Assert.IsFalse(verifier.Verify(Data, []));
        Assert.AreEqual(details, verifier.Algorithm.KeyDetails(verifier.KeySize));
        using var again = SigningKey.Parse(key.ExportPem("another password"), "another password", form);
        Assert.AreEqual(key.PublicKey.KeyId, again.PublicKey.KeyId);
    }

    [TestMethod]
    public void A_key_of_pkcs12_needs_its_password()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        var pkcs12 = certificate.ExportPkcs12(Pkcs12ExportPbeParameters.Pbes2Aes256Sha256, "password");
        using var read = SigningKey.ParsePkcs12(pkcs12, "password", "test");
        CollectionAssert.AreEqual(key.ExportSubjectPublicKeyInfo(), read.PublicKey.SubjectPublicKeyInfo);
        Assert.ThrowsExactly<KeyException>(() => SigningKey.ParsePkcs12(pkcs12, "another", "test"));
        using var held = SigningKey.FromCertificate(certificate, "test");
        Assert.IsTrue(read.PublicKey.Verify(Data, held.Sign(Data)));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----")]
    [DataRow("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")]
    [DataRow("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----")]
    public void What_is_no_private_key_is_refused_without_its_content(string pem)
    {
        var thrown = Assert.ThrowsExactly<KeyException>(() => SigningKey.Parse(pem, "password", "the.key"));
        StringAssert.Contains(thrown.Message, "the.key");
        Assert.DoesNotContain("AAAA", thrown.Message);
    }

    [TestMethod]
    public void Short_rsa_keys_and_other_curves_are_refused()
    {
        using var rsa = RSA.Create(1024);
        using var ecdsa = ECDsa.Create(ECCurve.CreateFromFriendlyName("secp256k1"));
        Assert.ThrowsExactly<KeyException>(() => VerificationKey.Parse(rsa.ExportSubjectPublicKeyInfoPem(), "test"));
        Assert.ThrowsExactly<KeyException>(() => VerificationKey.Parse(ecdsa.ExportSubjectPublicKeyInfoPem(), "test"));
        Assert.ThrowsExactly<KeyException>(() => SigningKey.Parse(rsa.ExportPkcs8PrivateKeyPem(), null, "test"));
    }

    [TestMethod]
    public void Rsa_pss_verifies_where_the_scheme_is_asked_for()
    {
        using var rsa = RSA.Create(2048);
        using var pss = VerificationKey.FromSubjectPublicKeyInfo(rsa.ExportSubjectPublicKeyInfo(), SignatureScheme.RsaPss);
        using var pkcs1 = VerificationKey.FromSubjectPublicKeyInfo(rsa.ExportSubjectPublicKeyInfo());
        var signature = rsa.SignData(Data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        Assert.IsTrue(pss.Verify(Data, signature));
        Assert.IsFalse(pkcs1.Verify(Data, signature));
    }
}
