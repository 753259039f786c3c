using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Net;
using System.Net.Http.Headers;
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
    private readonly HttpClient _http = TrustHttp.Create(options.RevocationTimeout);
    private readonly RevocationCache _cache = new(options.CacheFolder);

    public RevocationMode Mode => options.Revocation;

    public void Dispose() => _http.Dispose();

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
                var answer = await AskAsync(address, question, MaxAnswerBytes, der => OcspResponse.Read(der, request, issuer, options.Time.GetUtcNow()), cancellationToken);
                if (answer.Status != RevocationStatus.Unavailable)
                {
                    return answer;
                }

                reasons.Add(answer.Reason);
            }

            foreach (var address in X509Structures.ListAddresses(certificate).Take(MaxAddresses))
            {
                var answer = await AskAsync(address, null, MaxListBytes, der => RevocationList.Read(der, certificate, issuer, options.Time.GetUtcNow()), cancellationToken);
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

        return RevocationAnswer.Unavailable(reasons.Count > 0 ? string.Join("; ", reasons) : "it names no place to ask that this program can reach (http, https)");
    }

    /// <summary>The kept answer where it is still good, else a new one.</summary>
    private async Task<RevocationAnswer> AskAsync(Uri address, byte[]? question, int maxBytes, Func<byte[], RevocationAnswer> read, CancellationToken cancellationToken)
    {
        var key = RevocationCache.Key(address, question);
        var reason = $"nothing is kept of {address.Host}";
        if (await _cache.ReadAsync(key, maxBytes, cancellationToken) is { } kept)
        {
            var answer = Read(kept, address, read);
            if (answer.Status != RevocationStatus.Unavailable)
            {
                return answer;
            }

            reason = answer.Reason;
        }

        if (Mode != RevocationMode.Online)
        {
            return RevocationAnswer.Unavailable($"{reason}, and nothing is asked offline");
        }

        try
        {
            var fresh = await FetchAsync(address, question, maxBytes, cancellationToken);
            var answer = Read(fresh, address, read);
            if (answer.Status != RevocationStatus.Unavailable)
            {
                await _cache.WriteAsync(key, fresh, cancellationToken);
            }

            return answer;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return RevocationAnswer.Unavailable($"{address.Host} cannot be asked ({(e is OperationCanceledException ? "no answer in time" : e.Message.TrimEnd('.'))})");
        }
    }

    /// <summary>What an answer says; one that cannot be read says nothing, and never throws.</summary>
    internal static RevocationAnswer Read(byte[] der, Uri address, Func<byte[], RevocationAnswer> read)
    {
        try
        {
            var answer = read(der);
            return answer with { Reason = answer.Reason.Length > 0 ? $"{answer.Reason} ({address.Host})" : "" };
        }
        catch (NotationException e)
        {
            return RevocationAnswer.Unavailable($"{e.Message} ({address.Host})");
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or SigstoreException or IndexOutOfRangeException)
        {
            return RevocationAnswer.Unavailable($"the answer cannot be read ({address.Host})");
        }
    }

    private async Task<byte[]> FetchAsync(Uri address, byte[]? question, int maxBytes, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(question is null ? HttpMethod.Get : HttpMethod.Post, address);
        if (question is not null)
        {
            request.Content = new ByteArrayContent(question) { Headers = { ContentType = new MediaTypeHeaderValue("application/ocsp-request") } };
        }

        // The client's time covers the headers; the body gets as much again.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new HttpRequestException($"status {(int)response.StatusCode}");
        }

        patience.CancelAfter(options.RevocationTimeout);
        await response.Content.LoadIntoBufferAsync(maxBytes, patience.Token);
        return await response.Content.ReadAsByteArrayAsync(patience.Token);
    }
}
