using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A key in AWS Key Management Service (AWS KMS API: GetPublicKey, Sign).</summary>
internal sealed class AwsKmsSigner : ISigner
{
    public const string Scheme = "awskms://";
    private const string Service = "AWS KMS";
    private readonly HttpClient _http;
    private readonly Uri _endpoint;
    private readonly string _keyId;
    private readonly AwsRequestSigner _signer;

    private AwsKmsSigner(HttpClient http, Uri endpoint, string keyId, AwsRequestSigner signer, VerificationKey publicKey)
    {
        (_http, _endpoint, _keyId, _signer, PublicKey) = (http, endpoint, keyId, signer, publicKey);
    }

    public VerificationKey PublicKey { get; }

    public static async Task<ISigner> OpenAsync(string reference, HttpClient http, Func<string, string?> environment, CancellationToken cancellationToken)
    {
        var slash = reference.IndexOf('/', Scheme.Length);
        if (slash < 0 || slash == reference.Length - 1)
        {
            throw new KeyException($"The key reference '{reference}' is not awskms://[ENDPOINT]/[ID|ALIAS|ARN].");
        }

        var (host, keyId) = (reference[Scheme.Length..slash], reference[(slash + 1)..]);

        var context = new AwsContext(http, environment, cancellationToken);

        // arn:aws:kms:REGION:ACCOUNT:key/…
        var region = keyId.StartsWith("arn:", StringComparison.Ordinal) && keyId.Split(':') is { Length: > 5 } arn ? arn[3]
            : context.Variable("AWS_REGION") ?? context.Variable("AWS_DEFAULT_REGION") ?? AwsProfiles.Region(context) ?? throw new KeyException("AWS_REGION is not set, no profile has a region, and the key reference is no ARN that names one.");
        var endpoint = KeyServices.Address(host.Length > 0 ? host : AwsContext.Host("kms", region), reference);
        var signer = (await AwsCredentialSources.FindAsync(context, region).ConfigureAwait(false)).Signer(region, "kms");
        var answer = await CallAsync(http, endpoint, signer, "GetPublicKey", new JsonObject { ["KeyId"] = keyId }, cancellationToken).ConfigureAwait(false);
        try
        {
            return new AwsKmsSigner(http, endpoint, keyId, signer, VerificationKey.FromSubjectPublicKeyInfo(KeyServiceCall.Decode(answer.Text(Service, "PublicKey"), Service)));
        }
        catch (SigstoreException e)
        {
            throw new KeyException($"The key '{reference}' cannot be used: {e.Message}.", e);
        }
    }

    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => SignAsync(data, PublicKey.Algorithm, cancellationToken);

    public async ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, SignatureAlgorithm algorithm, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(_http, _endpoint, _signer, "Sign", new JsonObject
        {
            ["KeyId"] = _keyId,
            ["Message"] = Convert.ToBase64String(CryptographicOperations.HashData(algorithm.Hash, data.Span)),
            ["MessageType"] = "DIGEST",
            ["SigningAlgorithm"] = $"{Family(algorithm.For(PublicKey))}_SHA_{algorithm.Hash.Name![3..]}",
        }, cancellationToken).ConfigureAwait(false);
        return KeyServiceCall.Decode(answer.Text(Service, "Signature"), Service);
    }

    public void Dispose() => PublicKey.Dispose();

    private static string Family(SignatureAlgorithm algorithm) => algorithm.Scheme switch
    {
        SignatureScheme.Ecdsa => "ECDSA",
        SignatureScheme.RsaPss => "RSASSA_PSS",
        _ => "RSASSA_PKCS1_V1_5",
    };

    private static async Task<System.Text.Json.JsonElement> CallAsync(HttpClient http, Uri endpoint, AwsRequestSigner signer, string operation, JsonObject body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString())) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-amz-json-1.1");
        request.Headers.Add("X-Amz-Target", $"TrentService.{operation}");
        await signer.SignAsync(request, DateTimeOffset.UtcNow, cancellationToken).ConfigureAwait(false);
        return await KeyServiceCall.SendAsync(http, request, Service, cancellationToken).ConfigureAwait(false);
    }
}
