using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Signs requests to AWS: <see href="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html">Signature Version 4</see>. The secret key signs and is not sent.</summary>
/// <param name="accessKeyId">The key's id (<c>AKIA…</c>, <c>ASIA…</c>).</param>
/// <param name="secretAccessKey">The secret key.</param>
/// <param name="sessionToken">The token of a temporary key; null for a lasting one.</param>
/// <param name="region">The region of the endpoint, as in <c>eu-west-1</c>.</param>
/// <param name="service">The service's name in signatures, as in <c>kms</c> or <c>sts</c>.</param>
public sealed class AwsRequestSigner(string accessKeyId, string secretAccessKey, string? sessionToken, string region, string service)
{
    private const string Algorithm = "AWS4-HMAC-SHA256";

    /// <summary>Adds the headers that sign <paramref name="request"/> as sent at <paramref name="now"/>. Nothing that is signed may change afterwards: method, address, body, host, content type, <c>x-amz-*</c>.</summary>
    public async Task SignAsync(HttpRequestMessage request, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var time = now.ToUniversalTime().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.Host = request.RequestUri!.IsDefaultPort ? request.RequestUri.Host : request.RequestUri.Authority;
        request.Headers.Add("X-Amz-Date", time);
        if (sessionToken is { Length: > 0 })
        {
            request.Headers.Add("X-Amz-Security-Token", sessionToken);
        }

        var headers = request.Headers.Concat(request.Content?.Headers.AsEnumerable() ?? [])
            .Select(h => (Name: h.Key.ToLowerInvariant(), Value: string.Join(',', h.Value.Select(v => v.Trim()))))
            .Where(h => h.Name is "host" or "content-type" || h.Name.StartsWith("x-amz-", StringComparison.Ordinal))
            .OrderBy(h => h.Name, StringComparer.Ordinal)
            .ToList();
        var signedHeaders = string.Join(';', headers.Select(h => h.Name));
        var body = request.Content is null ? [] : await request.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var query = string.Join('&', request.RequestUri.Query.TrimStart('?').Split('&').Order(StringComparer.Ordinal));
        var canonical = $"{request.Method}\n{request.RequestUri.AbsolutePath}\n{query}\n{string.Concat(headers.Select(h => $"{h.Name}:{h.Value}\n"))}\n{signedHeaders}\n{Hash(body)}";
        var scope = $"{time[..8]}/{region}/{service}/aws4_request";
        var toSign = $"{Algorithm}\n{time}\n{scope}\n{Hash(Encoding.UTF8.GetBytes(canonical))}";
        var key = ((string[])[time[..8], region, service, "aws4_request"]).Aggregate(Encoding.UTF8.GetBytes($"AWS4{secretAccessKey}"), Next);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        CryptographicOperations.ZeroMemory(key);
        request.Headers.Authorization = new AuthenticationHeaderValue(Algorithm, $"Credential={accessKeyId}/{scope}, SignedHeaders={signedHeaders}, Signature={signature}");
    }

    private static byte[] Next(byte[] key, string part)
    {
        var next = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        CryptographicOperations.ZeroMemory(key);
        return next;
    }

    private static string Hash(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));
}
