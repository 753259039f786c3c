using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Fulcio's API, version 2: a certificate of minutes for a key, by an identity token (<c>fulcio.proto</c>, CreateSigningCertificate).</summary>
internal static class FulcioClient
{
    private const string Service = "The certificate authority";

    /// <summary>The certificate (DER).</summary>
    public static async Task<byte[]> RequestAsync(HttpClient http, Uri authority, IdentityToken token, SigningKey key, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["credentials"] = new JsonObject { ["oidcIdentityToken"] = token.Raw },
            ["publicKeyRequest"] = new JsonObject
            {
                ["publicKey"] = new JsonObject { ["algorithm"] = "ECDSA", ["content"] = key.PublicKey.Pem },
                ["proofOfPossession"] = Convert.ToBase64String(key.Sign(Encoding.UTF8.GetBytes(token.Subject))),
            },
        }.ToJsonString());
        var (_, answer, _) = await ServiceCall.SendAsync(
            http,
            $"{Service} {authority.Host}",
            () => new HttpRequestMessage(HttpMethod.Post, ServiceUrl.Below(authority, "api/v2/signingCert")) { Content = ServiceUrl.Json(body) },
            s => s is HttpStatusCode.OK or HttpStatusCode.Created,
            cancellationToken).ConfigureAwait(false);
        using var document = ProtoMessage.Parse(answer, 1 << 20, "the certificate authority's answer");
        var root = ProtoMessage.Root(document);
        if (root.Has("signedCertificateDetachedSct"))
        {
            throw new SigstoreException(SigstoreError.Unsupported, $"{Service} {authority.Host} answers with a detached certificate timestamp, which a bundle cannot carry");
        }

        return root.Required("signedCertificateEmbeddedSct").Required("chain").TextList("certificates") is [var pem, ..] && PemEncoding.TryFind(pem, out var fields) && pem[fields.Label] == "CERTIFICATE"
            ? Convert.FromBase64String(pem[fields.Base64Data])
            : throw new SigstoreException(SigstoreError.Malformed, $"{Service} {authority.Host} answers with something else than a certificate");
    }
}

/// <summary>URLs and bodies of services.</summary>
internal static class ServiceUrl
{
    public static Uri Below(Uri address, string path) => new($"{address.AbsoluteUri.TrimEnd('/')}/{path}");

    public static HttpContent Json(byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        return content;
    }
}
