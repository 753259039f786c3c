using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore;

[TestClass]
public sealed class KeyBundleTests
{
    private static readonly byte[] Statement = """{"_type":"https://in-toto.io/Statement/v1"}"""u8.ToArray();

    [TestMethod]
    public void A_bundle_verifies_with_its_key_and_no_other()
    {
        using var key = SigningKey.Generate();
        using var other = SigningKey.Generate();
        var bundle = KeyBundle.Sign(Statement, key);
        using var right = VerificationKey.Parse(key.PublicKeyPem, "test");
        using var wrong = VerificationKey.Parse(other.PublicKeyPem, "test");
        CollectionAssert.AreEqual(Statement, KeyBundle.Verify(bundle, right).Statement);
        Assert.IsNull(KeyBundle.Verify(bundle, wrong).Statement);
    }

    [TestMethod]
    [DataRow("payload")]
    [DataRow("payloadType")]
    public void A_changed_envelope_is_refused(string member)
    {
        using var key = SigningKey.Generate();
        using var verifier = VerificationKey.Parse(key.PublicKeyPem, "test");
        var bundle = JsonNode.Parse(KeyBundle.Sign(Statement, key))!;
        bundle["dsseEnvelope"]![member] = Convert.ToBase64String("other"u8);
        Assert.IsNull(KeyBundle.Verify(Encoding.UTF8.GetBytes(bundle.ToJsonString()), verifier).Statement);
    }

    [TestMethod]
    [DataRow("{}")]
    [DataRow("[]")]
    [DataRow("no json")]
    [DataRow("{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\",\"verificationMaterial\":{\"certificate\":{}}}")]
    public void What_is_no_key_bundle_is_refused_with_a_reason(string json)
    {
        using var key = SigningKey.Generate();
        using var verifier = VerificationKey.Parse(key.PublicKeyPem, "test");
        var (statement, reason) = KeyBundle.Verify(Encoding.UTF8.GetBytes(json), verifier);
        Assert.IsNull(statement);
        Assert.AreNotEqual("", reason);
    }

    [TestMethod]
    public void An_encrypted_key_needs_its_password()
    {
        using var key = SigningKey.Generate();
        var pem = key.ExportPem("a password");
        using var again = SigningKey.Parse(pem, "a password", "test");
        Assert.AreEqual(key.PublicKeyPem, again.PublicKeyPem);
        Assert.ThrowsExactly<KeyException>(() => SigningKey.Parse(pem, "another", "test"));
        Assert.ThrowsExactly<KeyException>(() => SigningKey.Parse(pem, null, "test"));
    }
}
