using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Sigstore;

[TestClass]
public sealed class CosignKeyFileTests
{
    /// <summary>The test vectors of go-securesystemslib's <c>encrypted</c> package (Apache-2.0): the same text under each cost.</summary>
    [TestMethod]
    [DataRow(65536, "FhzPOt9/bJG4PTq6lQ6ecG6GzaOuOy/ynG5+yRiFlNs=", "aw1ng1jHaDz/tQ7V2gR9O2+IGQ8xJEuE", "HycvuLZL4sYH0BrYTh4E/H20VtAW6u5zL5Pr+IBjYLYnCPzDkq8=")]
    [DataRow(32768, "WO3mVvyTwJ9vwT5/Tk5OW5WPIBUofMjcpEfrLnfY4uA=", "tCy7HcTFr4uxv4Nrg/DWmncuZ148U1MX", "08n43p5G5yviPEZpO7tPPF4aZQkWiWjkv4taFdhDBA0tamKH4nw=")]
    [DataRow(131072, "m38E3kouJTtiheLQN22NQ8DTito5hrjpUIskqcd375k=", "Y6PM13yA+o44pE/W1ZBwczeGnTV/m9Zc", "6H8sqj1K6B6yDjtH5AQ6lbFigg/C2yDDJc4rYJ79w9aVPImFIPI=")]
    public void Content_that_another_implementation_encrypted_is_decrypted(int cost, string salt, string nonce, string ciphertext) =>
        Assert.AreEqual("\"cmVhbGx5aW1wb3J0YW50\"", Encoding.UTF8.GetString(CosignKeyFile.Decrypt(File(cost, 8, salt, nonce, ciphertext), "supersecret", "test")));

    [TestMethod]
    [DataRow(1048576, 8)]
    [DataRow(65536, 9)]
    [DataRow(2, 8)]
    public void Costs_that_cosign_does_not_write_are_refused(int cost, int blockSize) =>
        Assert.ThrowsExactly<KeyException>(() => CosignKeyFile.Decrypt(File(cost, blockSize, "AAAA", "AAAA", "AAAA"), "", "test"));

    [TestMethod]
    public void A_written_key_is_read_with_its_password_and_no_other()
    {
        using var key = SigningKey.Generate();
        var pem = key.ExportPem("a password");
        StringAssert.StartsWith(pem, "-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----");
        using var again = SigningKey.Parse(pem, "a password", "test");
        Assert.AreEqual(key.PublicKey.Pem, again.PublicKey.Pem);
        using var old = SigningKey.Parse(pem.Replace("SIGSTORE", "COSIGN", StringComparison.Ordinal), "a password", "test");
        Assert.AreEqual(key.PublicKey.Pem, old.PublicKey.Pem);
        Assert.ThrowsExactly<KeyException>(() => SigningKey.Parse(pem, "another", "test"));
        Assert.ThrowsExactly<KeyException>(() => SigningKey.Parse(pem, null, "test"));
    }

    [TestMethod]
    public void Every_changed_byte_of_the_content_is_noticed()
    {
        var (nonce, key) = (RandomNumberGenerator.GetBytes(24), RandomNumberGenerator.GetBytes(32));
        var box = SecretBox.Seal("content"u8, nonce, key);
        CollectionAssert.AreEqual("content"u8.ToArray(), SecretBox.Open(box, nonce, key));
        for (var i = 0; i < box.Length; i++)
        {
            box[i] ^= 1;
            Assert.IsNull(SecretBox.Open(box, nonce, key));
            box[i] ^= 1;
        }
    }

    private static byte[] File(int cost, int blockSize, string salt, string nonce, string ciphertext) => Encoding.UTF8.GetBytes(
        $$"""{"kdf":{"name":"scrypt","params":{"N":{{cost}},"r":{{blockSize}},"p":1},"salt":"{{salt}}"},"cipher":{"name":"nacl/secretbox","nonce":"{{nonce}}"},"ciphertext":"{{ciphertext}}"}""");
}
