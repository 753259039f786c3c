using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Private keys and the stores that hold them.</summary>
[TestClass]
public sealed class KeyTests
{
    [TestMethod]
    public void A_key_without_a_password_is_worse_than_one_with()
    {
        using var rsa = RSA.Create(2048);
        var open = Secrets.In(rsa.ExportPkcs8PrivateKeyPem(), "app/tls.key").Single();
        var closed = Secrets.In(rsa.ExportEncryptedPkcs8PrivateKeyPem("long enough", new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)), "app/tls.key").Single();
        Assert.AreEqual((Severity.Critical, "CBG4001"), (open.Severity, open.Code()));
        Assert.AreEqual((Severity.Medium, "CBG4001"), (closed.Severity, closed.Code()));
    }

    [TestMethod]
    public void The_armour_alone_and_public_things_are_no_keys()
    {
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=test", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(1));
        string[] innocent =
        [
            "if (text.StartsWith(\"-----BEGIN PRIVATE KEY-----\"))", "-----BEGIN RSA PRIVATE KEY-----\n...\n-----END RSA PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n<your key here>\n-----END PRIVATE KEY-----", rsa.ExportSubjectPublicKeyInfoPem(), certificate.ExportCertificatePem(),
            $"-----BEGIN PRIVATE KEY-----\n{new string('A', 400)}\n-----END PRIVATE KEY-----", rsa.ToXmlString(includePrivateParameters: false),
        ];
        foreach (var text in innocent)
        {
            Assert.IsEmpty(Secrets.In(text), text);
        }
    }

    [TestMethod]
    public void An_openssh_key_is_known_by_its_format()
    {
        byte[] body = [.. "openssh-key-v1\0"u8, 0, 0, 0, 4, .. "none"u8, 0, 0, 0, 4, .. "none"u8, 0, 0, 0, 0, .. new Made(6).Bytes(180)];
        var pem = $"-----BEGIN OPENSSH PRIVATE KEY-----\n{Convert.ToBase64String(body, Base64FormattingOptions.InsertLineBreaks)}\n-----END OPENSSH PRIVATE KEY-----\n";
        Assert.AreEqual(Severity.Critical, Secrets.In(pem, "root/.ssh/id_ed25519").Single().Severity);
        Assert.AreEqual(Severity.Medium, Secrets.In(pem.Replace(Convert.ToBase64String(body)[..40], Convert.ToBase64String([.. "openssh-key-v1\0"u8, 0, 0, 0, 10, .. "aes256-ctr"u8, 0])[..40], StringComparison.Ordinal)).Single().Severity);
    }

    [TestMethod]
    public void Putty_pgp_and_age_keys_are_found()
    {
        var made = new Made(12);
        Assert.AreEqual("putty-private-key", Secrets.In($"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: k\nPublic-Lines: 1\nAAAA\nPrivate-Lines: 1\n{made.Text(Made.Base64, 64)}\nPrivate-MAC: {made.Text(Made.Hex, 64)}\n").First().DetectorId);
        Assert.IsEmpty(Secrets.In("PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n"));
        byte[] packet = [0x95, 3, 0x98, 4, .. made.Bytes(200)];
        Assert.AreEqual("pem-private-key", Secrets.In($"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{Convert.ToBase64String(packet)}\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----").Single().DetectorId);
        Assert.AreEqual("age-identity", Secrets.In(Bech32.Identity(made.Bytes(32))).Single().DetectorId);
        var wrong = Bech32.Identity(made.Bytes(32));
        Assert.IsTrue(Secrets.In(wrong[..^1] + (wrong[^1] == 'Q' ? 'P' : 'Q')).TrueForAll(m => m.IsDoubtful));
    }

    [TestMethod]
    public void A_json_web_key_counts_with_its_private_part_only()
    {
        var (d, x) = (new Made(2).Text(Made.Url, 43), new Made(3).Text(Made.Url, 43));
        Assert.AreEqual("json-web-key", Secrets.In($$"""{ "kty": "EC", "crv": "P-256", "x": "{{x}}", "y": "{{x}}", "d": "{{d}}" }""", "app/jwk.json").Single(m => m.DetectorId == "json-web-key").DetectorId);
        Assert.IsEmpty(Secrets.In($$"""{ "kty": "EC", "crv": "P-256", "x": "{{x}}", "y": "{{x}}" }""", "app/jwk.json"));
        Assert.IsNotEmpty(Secrets.In($$"""{ "kty": "oct", "k": "{{d}}" }""", "app/jwk.json"));
    }

    [TestMethod]
    public void Key_stores_are_opened()
    {
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90));
        Assert.AreEqual(Severity.Critical, Secrets.In(certificate.Export(X509ContentType.Pkcs12, ""), "app/https/web.pfx").Single().Severity);
        Assert.AreEqual(Severity.Critical, Secrets.In(certificate.Export(X509ContentType.Pkcs12, "changeit"), "app/https/web.pfx").Single().Severity);
        Assert.AreEqual(Severity.Critical, Secrets.In(certificate.Export(X509ContentType.Pkcs12, "shop"), "app/https/shop.pfx").Single().Severity);
        Assert.AreEqual(Severity.High, Secrets.In(certificate.Export(X509ContentType.Pkcs12, "7fB-not-guessed"), "app/https/web.pfx").Single().Severity);
        using var publicPart = X509CertificateLoader.LoadCertificate(certificate.RawData);
        Assert.IsEmpty(Secrets.In(publicPart.Export(X509ContentType.Pkcs12, ""), "app/trust.p12"));
        Assert.AreEqual("java-key-store", Secrets.In([0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, .. new Made(1).Bytes(100)], "app/a.jks").Single().DetectorId);
        Assert.IsEmpty(Secrets.In([0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, .. new Made(1).Bytes(100)], "app/trust.jks"));
        Assert.AreEqual("strong-name-key", Secrets.In([7, 2, 0, 0, 0, 0x24, 0, 0, .. "RSA2"u8, 0, 4, 0, 0, .. new Made(1).Bytes(100)], "app/key.snk").Single().DetectorId);
    }

    [TestMethod]
    public void Keys_in_binaries_of_base_layers_are_self_tests()
    {
        using var rsa = RSA.Create(2048);
        byte[] library = [0x7F, .. "ELF"u8, .. new byte[64], .. Encoding.ASCII.GetBytes(rsa.ExportRSAPrivateKeyPem()), .. new byte[64]];
        Assert.IsEmpty(Secrets.In(library, "usr/lib/libssl.so", app: false));
        Assert.IsNotEmpty(Secrets.In(library, "app/native.so"));
    }

    /// <summary>An age identity over 32 bytes.</summary>
    private static class Bech32
    {
        private const string Alphabet = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";

        public static string Identity(byte[] key)
        {
            var data = new StringBuilder("AGE-SECRET-KEY-1");
            var (bits, value) = (0, 0);
            foreach (var b in key)
            {
                value = ((value << 8) | b) & 0xFFF;
                for (bits += 8; bits >= 5; bits -= 5)
                {
                    data.Append(Alphabet[(value >> (bits - 5)) & 31]);
                }
            }

            data.Append(Alphabet[(value << (5 - bits)) & 31]);
            return data.ToString() + Checksum(data.ToString());
        }

        // The checksum is what makes the verifier's sum one: solved for through the same polynomial, six symbols of zero first.
        private static string Checksum(string text)
        {
            uint sum = 1;
            var (prefix, body) = ("age-secret-key-", text["AGE-SECRET-KEY-1".Length..]);
            foreach (var v in prefix.Select(c => (uint)c >> 5).Append(0u).Concat(prefix.Select(c => (uint)c & 31)).Concat(body.Select(c => (uint)Alphabet.IndexOf(c, StringComparison.Ordinal))).Concat(new uint[6]))
            {
                var top = sum >> 25;
                sum = ((sum & 0x1ffffff) << 5) ^ v;
                uint[] generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
                for (var i = 0; i < 5; i++)
                {
                    sum ^= ((top >> i) & 1) == 1 ? generator[i] : 0;
                }
            }

            sum ^= 1;
            return string.Concat(Enumerable.Range(0, 6).Select(i => Alphabet[(int)(sum >> (5 * (5 - i))) & 31]));
        }
    }
}
