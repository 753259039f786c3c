using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Certificates with a private key in the user's or the machine's store, by thumbprint: <c>certstore://THUMBPRINT</c>. The key may never leave a device.</summary>
internal static class StoreCertificates
{
    private const string Scheme = "certstore://";

    public static bool IsReference(string reference) => reference.StartsWith(Scheme, StringComparison.Ordinal);

    /// <exception cref="KeyException">No store has it, or its key cannot sign.</exception>
    public static SigningKey OpenKey(string reference)
    {
        using var certificate = Find(reference);
        return SigningKey.FromCertificate(certificate, reference);
    }

    /// <summary>The certificate and what the stores have above it. Whether that is trusted, and reaches a root, is the caller's to ask.</summary>
    /// <exception cref="KeyException">No store has it.</exception>
    public static IReadOnlyList<X509Certificate2> Chain(string reference)
    {
        using var certificate = Find(reference);
        using var chain = new X509Chain();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.AllFlags;
        _ = chain.Build(certificate);
        return [.. chain.ChainElements.Select(e => X509CertificateLoader.LoadCertificate(e.Certificate.RawData))];
    }

    private static X509Certificate2 Find(string reference)
    {
        foreach (var location in (StoreLocation[])[StoreLocation.CurrentUser, StoreLocation.LocalMachine])
        {
            try
            {
                using var store = new X509Store(StoreName.My, location, OpenFlags.ReadOnly | OpenFlags.OpenExistingOnly);
                if (store.Certificates.Find(X509FindType.FindByThumbprint, reference[Scheme.Length..], validOnly: false).FirstOrDefault(c => c.HasPrivateKey) is { } certificate)
                {
                    return certificate;
                }
            }
            catch (CryptographicException)
            {
                // This machine has no such store.
            }
        }

        throw new KeyException($"No certificate store has a certificate with a private key for '{reference}': name its SHA-1 thumbprint, certstore://THUMBPRINT.");
    }
}
