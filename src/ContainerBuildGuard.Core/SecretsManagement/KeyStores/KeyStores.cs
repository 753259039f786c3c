using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Key stores: PKCS#12, Java key stores, strong-name keys. One without a password, or with one that everybody tries, is as good as open.</summary>
internal static class KeyStores
{
    public const string Pkcs12 = "pkcs12-store";
    public const string JavaKeyStore = "java-key-store";
    public const string StrongName = "strong-name-key";

    private const int MostBytes = 1 << 20;

    // macOS has no key set that stays in memory.
    private static readonly X509KeyStorageFlags Flags = OperatingSystem.IsMacOS() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet;
    private static readonly string[] CommonPasswords = ["", "password", "changeit", "changeme", "secret", "test", "1234", "123456", "admin", "localhost", "aspnetcore", "dotnet", "pass", "Password1", "P@ssw0rd", "notasecret"];

    public static SecretMatch? Match(ReadOnlySpan<byte> bytes, FileContext file)
    {
        if (bytes.Length is < 64 or > MostBytes)
        {
            return null;
        }

        // A Java key store begins with a magic number and its version.
        if (bytes is [0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 1 or 2, ..])
        {
            // Certificates alone are a trust store: entry kind 1 is a key.
            return bytes[8..12] is not [0, 0, 0, 0] && bytes[12..16] is [0, 0, 0, 1] ? Of(JavaKeyStore, bytes, Severity.High, "it holds a private key") : null;
        }

        // A private key of CryptoAPI (7), RSA ("RSA2").
        if (bytes is [7, 2, 0, 0, 0, 0x24 or 0xA4, 0, 0, (byte)'R', (byte)'S', (byte)'A', (byte)'2', ..])
        {
            return Of(StrongName, bytes, Severity.Medium, null);
        }

        // SEQUENCE { INTEGER 3, SEQUENCE …: the version of PKCS#12.
        return bytes is [0x30, 0x82, _, _, 2, 1, 3, 0x30, ..] or [0x30, 0x83, _, _, _, 2, 1, 3, 0x30, ..] or [0x30, 0x80, 2, 1, 3, 0x30, ..] ? OfPkcs12(bytes, file) : null;
    }

    private static SecretMatch? OfPkcs12(ReadOnlySpan<byte> bytes, FileContext file)
    {
        foreach (var password in CommonPasswords.Append(Path.GetFileNameWithoutExtension(file.Name)))
        {
            try
            {
                var certificates = X509CertificateLoader.LoadPkcs12Collection(bytes, password, Flags);
                var hasKey = certificates.Any(c => c.HasPrivateKey);
                foreach (var certificate in certificates)
                {
                    certificate.Dispose();
                }

                return hasKey ? Of(Pkcs12, bytes, Severity.Critical, password.Length == 0 ? "it opens without a password" : "it opens with a password that everybody tries") : null;
            }
            catch (CryptographicException)
            {
            }
        }

        return Of(Pkcs12, bytes, Severity.High, "its password is not among the common ones");
    }

    private static SecretMatch Of(string detector, ReadOnlySpan<byte> bytes, Severity severity, string? note) => new(detector, severity, 1, "…", 0, bytes.Length) { Note = note };
}
