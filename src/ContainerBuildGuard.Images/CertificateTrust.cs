using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Images;

/// <summary>A server's certificate was seen and does not verify; other failures of TLS are none of trust.</summary>
internal sealed class UntrustedCertificateException(SslPolicyErrors errors, X509Chain? chain)
    : AuthenticationException($"{errors}{(chain?.ChainStatus.Length > 0 ? $": {string.Join(", ", chain.ChainStatus.Select(s => s.Status))}" : "")}");

/// <summary>Trust in a server's certificate: by the system's authorities, or by some that were named for it.</summary>
internal static class CertificateTrust
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Whether the certificate verifies. A wrong name or a missing certificate never does.</summary>
    public static bool Verifies(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors)
        {
            return errors == SslPolicyErrors.None;
        }

        if (authorities.Count == 0 || certificate is not X509Certificate2 leaf)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));

        // A private authority seldom publishes revocations where a build can reach them.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in presented?.ChainElements.AsEnumerable() ?? [])
        {
            chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        return chain.Build(leaf);
    }

    /// <summary>A client certificate of two PEM files.</summary>
    public static X509Certificate2 ReadPair(string certificate, string key)
    {
        using var pair = X509Certificate2.CreateFromPemFile(certificate, key);

        // Windows' TLS takes no key that lives in memory alone.
        return X509CertificateLoader.LoadPkcs12(pair.Export(X509ContentType.Pkcs12), null);
    }
}
