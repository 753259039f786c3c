using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>
/// Asks whether certificates are revoked: OCSP first, then revocation lists (Notary Project, "Certificate Revocation Evaluation"). Only chains that are trusted already are asked about,
/// so that no stranger's signature chooses where this machine connects to.
/// </summary>
internal sealed class RevocationChecker(NotationOptions options) : IDisposable
{
    private const int MaxAnswerBytes = 64 << 10;
    private const int MaxListBytes = 32 << 20;
    private const int MaxAddresses = 4;
    private readonly RevocationSource _source = new(options);

    public void Dispose() => _source.Dispose();

    /// <summary>The worst that is known of a chain; its root, which nobody above could revoke, is not asked about.</summary>
    /// <param name="chain">Leaf to root.</param>
    /// <param name="signedAt">When the signature was provably made; null where that is not proven.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<RevocationAnswer> CheckAsync(ImmutableArray<X509Certificate2> chain, DateTimeOffset? signedAt, CancellationToken cancellationToken)
    {
        var worst = RevocationAnswer.Good;
        for (var i = chain.Length - 2; i >= 0; i--)
        {
            var answer = (await CheckAsync(chain[i], chain[i + 1], cancellationToken)).At(signedAt);
            if (answer.Status != RevocationStatus.Good)
            {
                worst = answer with { Reason = $"{CertificateChain.Name(chain[i])}: {answer.Reason}" };
            }

            if (answer.Status == RevocationStatus.Revoked)
            {
                break;
            }
        }

        return worst;
    }

    private async Task<RevocationAnswer> CheckAsync(X509Certificate2 certificate, X509Certificate2 issuer, CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        try
        {
            if (!X509Structures.NamesAnyPlace(certificate))
            {
                return RevocationAnswer.Good;
            }

            var request = new OcspRequest(certificate, issuer);
            var question = request.Encode();
            foreach (var address in X509Structures.OcspAddresses(certificate).Take(MaxAddresses))
            {
                var asked = await _source.AskAsync(address, question, MaxAnswerBytes, der => OcspResponse.Read(der, request, issuer, options.Time.GetUtcNow()), cancellationToken);
                if (asked.Answer is { } answer)
                {
                    return answer.By(address);
                }

                reasons.Add(asked.Reason);
            }

            foreach (var address in X509Structures.ListAddresses(certificate).Take(MaxAddresses))
            {
                var answer = await ByListAsync(address, certificate, issuer, cancellationToken);
                if (answer.Status != RevocationStatus.Unavailable)
                {
                    return answer;
                }

                reasons.Add(answer.Reason);
            }
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or SigstoreException)
        {
            reasons.Add("its places to ask cannot be read");
        }

        return RevocationAnswer.Unavailable(reasons.Count > 0 ? string.Join("; ", reasons) : "it names no place to ask that this program can reach and reads (http, https; lists of the issuer's own, for every reason)");
    }

    /// <summary>A list, with its latest changes where these are kept apart: the list alone is then no answer, unless it says that the certificate is revoked.</summary>
    private async Task<RevocationAnswer> ByListAsync(Uri address, X509Certificate2 certificate, X509Certificate2 issuer, CancellationToken cancellationToken, bool anew = false)
    {
        var asked = await _source.AskAsync(address, null, MaxListBytes, der => RevocationList.Read(der, certificate, issuer, options.Time.GetUtcNow()), cancellationToken, anew);
        if (asked.Answer is not { } list)
        {
            return RevocationAnswer.Unavailable(asked.Reason);
        }

        var changesAt = list.ChangesAt is null ? X509Structures.ChangesAddresses(certificate) : list.ChangesAt.Union(X509Structures.ChangesAddresses(certificate) ?? []);
        if (changesAt is null || list.Entry is { IsOnHold: false })
        {
            return list.Judge(null).By(address);
        }

        var reasons = new List<string>();
        foreach (var place in changesAt.Take(MaxAddresses))
        {
            var changes = await _source.AskAsync(place, null, MaxListBytes, der => RevocationList.ReadChanges(der, list, certificate, issuer, options.Time.GetUtcNow()), cancellationToken);
            if (changes.Answer is not null)
            {
                return list.Judge(changes.Answer).By(place);
            }

            reasons.Add(changes.Reason);
        }

        // Authorities renew lists before their time, and the changes are then to the new one.
        if (asked.Kept && options.Revocation == RevocationMode.Online)
        {
            return await ByListAsync(address, certificate, issuer, cancellationToken, anew: true);
        }

        return list.Entry is not null ? list.Judge(null).By(address)
            : RevocationAnswer.Unavailable($"the latest changes to the revocation list of {address.Host} are not known ({(reasons.Count > 0 ? string.Join("; ", reasons) : "it names no http or https address for them")})");
    }
}
