using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>
/// Whether an authority's certificate signed another certificate. The answer needs nothing of the steps before the one that asks for it, and to work it out takes as long as all of them: it is begun beside them.
/// Nobody waits for a free thread: where none has begun it by the time it is asked for, whoever asks works it out.
/// </summary>
internal sealed class IssuerSignature
{
    private readonly CertificateAuthority _authority;
    private readonly int _index;
    private readonly Lazy<bool> _signed;

    private IssuerSignature(X509Certificate2 certificate, CertificateAuthority authority, int index)
    {
        (_authority, _index) = (authority, index);
        _signed = new Lazy<bool>(() => Verify(certificate, authority, index));
    }

    /// <summary>Begins with the first authority that could have issued the certificate by name; null where none could. Others of the same name are asked in their turn.</summary>
    public static IssuerSignature? Begin(X509Certificate2 certificate, ImmutableArray<CertificateAuthority> authorities)
    {
        foreach (var authority in authorities)
        {
            if (CertificatePath.IssuerOf(certificate, authority) is >= 0 and var index)
            {
                var signature = new IssuerSignature(certificate, authority, index);
                _ = ThreadPool.UnsafeQueueUserWorkItem(static s => s.WorkOut(), signature, preferLocal: false);
                return signature;
            }
        }

        return null;
    }

    /// <summary>Whether the authority's certificate at this place of its chain signed.</summary>
    /// <exception cref="System.Formats.Asn1.AsnContentException">The certificate is not DER, or names two algorithms.</exception>
    public static bool Holds(IssuerSignature? begun, X509Certificate2 certificate, CertificateAuthority authority, int index) =>
        begun is not null && ReferenceEquals(begun._authority, authority) && begun._index == index ? begun._signed.Value : Verify(certificate, authority, index);

    private static bool Verify(X509Certificate2 certificate, CertificateAuthority authority, int index) => SignedBytes.Of(certificate).IsBy(authority.KeyOf(index));

    private void WorkOut()
    {
        try
        {
            _ = _signed.Value;
        }
#pragma warning disable CA1031 // It is kept, and thrown again where the answer is asked for.
        catch (Exception)
#pragma warning restore CA1031
        {
        }
    }
}
