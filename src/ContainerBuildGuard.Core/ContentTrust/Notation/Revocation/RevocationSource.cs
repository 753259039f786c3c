using System.Formats.Asn1;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>What came of asking one place.</summary>
/// <param name="Answer">What it says; null where that cannot be used.</param>
/// <param name="Reason">Why it cannot.</param>
/// <param name="Kept">Whether it was kept from before.</param>
internal readonly record struct Asked<T>(T? Answer, string Reason, bool Kept = false)
    where T : class;

/// <summary>Gets answers about revocation: those that are kept, else new ones, bounded in size and time and without redirects.</summary>
internal sealed class RevocationSource(NotationOptions options) : IDisposable
{
    private readonly HttpClient _http = TrustHttp.Create(options.RevocationTimeout);
    private readonly RevocationCache _cache = new(options.CacheFolder);

    public void Dispose() => _http.Dispose();

    /// <summary>The kept answer where it is still good, else a new one.</summary>
    /// <param name="address">The place.</param>
    /// <param name="question">What is posted to it; null to get what lies there.</param>
    /// <param name="maxBytes">The most that is read.</param>
    /// <param name="read">Reads an answer and verifies it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <param name="anew">Whether a kept answer does not do.</param>
    public async Task<Asked<T>> AskAsync<T>(Uri address, byte[]? question, int maxBytes, Func<byte[], T> read, CancellationToken cancellationToken, bool anew = false)
        where T : class
    {
        var key = RevocationCache.Key(address, question);
        var reason = $"nothing is kept of {address.Host}";
        if (!anew && await _cache.ReadAsync(key, maxBytes, cancellationToken) is { } kept)
        {
            var asked = Read(kept, address, read);
            if (asked.Answer is not null)
            {
                return asked with { Kept = true };
            }

            reason = asked.Reason;
        }

        if (options.Revocation != RevocationMode.Online)
        {
            return new(null, $"{reason}, and nothing is asked offline");
        }

        try
        {
            var fresh = await FetchAsync(address, question, maxBytes, cancellationToken);
            var asked = Read(fresh, address, read);
            if (asked.Answer is not null)
            {
                await _cache.WriteAsync(key, fresh, cancellationToken);
            }

            return asked;
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new(null, $"{address.Host} cannot be asked ({(e is OperationCanceledException ? "no answer in time" : e.Message.TrimEnd('.'))})");
        }
    }

    /// <summary>What an answer says; one that cannot be read says nothing, and never throws.</summary>
    internal static Asked<T> Read<T>(byte[] der, Uri address, Func<byte[], T> read)
        where T : class
    {
        try
        {
            return new(read(der), "");
        }
        catch (NotationException e)
        {
            return new(null, $"{e.Message} ({address.Host})");
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or SigstoreException or IndexOutOfRangeException)
        {
            return new(null, $"the answer cannot be read ({address.Host})");
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
