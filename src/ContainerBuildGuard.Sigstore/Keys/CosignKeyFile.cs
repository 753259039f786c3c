using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Org.BouncyCastle.Crypto.Generators;

namespace ContainerBuildGuard.Sigstore;

/// <summary>cosign's encrypted key files: PKCS#8 under NaCl's secretbox with a key from scrypt, in JSON, in PEM (go-securesystemslib, "encrypted").</summary>
internal static class CosignKeyFile
{
    public const string Label = "ENCRYPTED SIGSTORE PRIVATE KEY";
    public const string OldLabel = "ENCRYPTED COSIGN PRIVATE KEY";
    private const int SaltBytes = 32;
    private const int BlockSize = 8;
    private const int Parallelism = 1;
    private const int StandardCost = 65_536;

    public static string Write(ReadOnlySpan<byte> pkcs8, string password)
    {
        var (salt, nonce) = (RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(SecretBox.NonceBytes));
        var key = Derive(password, salt, StandardCost);
        try
        {
            var json = new JsonObject
            {
                ["kdf"] = new JsonObject { ["name"] = "scrypt", ["params"] = new JsonObject { ["N"] = StandardCost, ["r"] = BlockSize, ["p"] = Parallelism }, ["salt"] = Convert.ToBase64String(salt) },
                ["cipher"] = new JsonObject { ["name"] = "nacl/secretbox", ["nonce"] = Convert.ToBase64String(nonce) },
                ["ciphertext"] = Convert.ToBase64String(SecretBox.Seal(pkcs8, nonce, key)),
            };
            return PemEncoding.WriteString(Label, Encoding.UTF8.GetBytes(json.ToJsonString()));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <exception cref="KeyException">Not such a file, or the password is wrong.</exception>
    public static byte[] Decrypt(ReadOnlyMemory<byte> json, string password, string source)
    {
        try
        {
            using var document = ProtoMessage.Parse(json, 64 << 10, "the key file");
            var root = ProtoMessage.Root(document);
            var (derivation, cipher) = (root.Required("kdf"), root.Required("cipher"));
            var parameters = derivation.Required("params");
            var cost = parameters.Integer("N");

            // Only the costs that cosign has ever written: a file must not make its reader work without end.
            if (derivation.Text("name") != "scrypt" || cipher.Text("name") != "nacl/secretbox" || parameters.Integer("r") != BlockSize || parameters.Integer("p") != Parallelism || cost is not (32_768 or StandardCost or 131_072))
            {
                throw new KeyException($"The key '{source}' is encrypted in a way that cosign does not write.");
            }

            var key = Derive(password, derivation.RequiredBytes("salt"), (int)cost);
            try
            {
                return SecretBox.Open(root.RequiredBytes("ciphertext"), cipher.RequiredBytes("nonce"), key) ?? throw new KeyException($"The password of the key '{source}' is wrong, or the file is damaged.");
            }
            finally
            {
                CryptographicOperations.ZeroMemory(key);
            }
        }
        catch (Exception e) when (e is SigstoreException or JsonException)
        {
            throw new KeyException($"The key '{source}' is not a valid key file of cosign ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static byte[] Derive(string password, byte[] salt, int cost)
    {
        var bytes = Encoding.UTF8.GetBytes(password);
        try
        {
            return SCrypt.Generate(bytes, salt, cost, BlockSize, Parallelism, SecretBox.KeyBytes);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }
}
