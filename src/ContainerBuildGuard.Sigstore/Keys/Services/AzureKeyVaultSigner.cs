using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A key in Azure Key Vault (REST API 7.4: Get Key, Sign).</summary>
internal sealed class AzureKeyVaultSigner : ISigner
{
    public const string Scheme = "azurekms://";
    private const string Service = "Azure Key Vault";
    private const string Version = "?api-version=7.4";
    private readonly HttpClient _http;
    private readonly Uri _key;
    private readonly AzureAccessToken _token;

    private AzureKeyVaultSigner(HttpClient http, Uri key, AzureAccessToken token, VerificationKey publicKey) => (_http, _key, _token, PublicKey) = (http, key, token, publicKey);

    public VerificationKey PublicKey { get; }

    public static async Task<ISigner> OpenAsync(string reference, HttpClient http, Func<string, string?> environment, CancellationToken cancellationToken)
    {
        var parts = reference[Scheme.Length..].Split('/');
        if (parts is not ([{ Length: > 0 }, { Length: > 0 }] or [{ Length: > 0 }, { Length: > 0 }, { Length: > 0 }]) || !parts[1..].All(p => p.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')))
        {
            throw new KeyException($"The key reference '{reference}' is not azurekms://VAULT/KEY or azurekms://VAULT/KEY/VERSION.");
        }

        var host = parts[0].Contains('.', StringComparison.Ordinal) || parts[0].Contains(':', StringComparison.Ordinal) ? parts[0] : $"{parts[0]}.vault.azure.net";
        var vault = KeyServices.Address(host, reference);
        var token = new AzureAccessToken(http, environment);
        var answer = await CallAsync(http, token, HttpMethod.Get, new Uri(vault, $"keys/{string.Join('/', parts[1..])}{Version}"), null, cancellationToken).ConfigureAwait(false);
        var publicKey = ReadKey(answer, reference);

        // The version that was read is the one that signs, also where a new one is made meanwhile.
        var version = answer.Text(Service, "key", "kid").Split('/')[^1];
        return new AzureKeyVaultSigner(http, new Uri(vault, $"keys/{parts[1]}/{version}/sign{Version}"), token, publicKey);
    }

    public ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken) => SignAsync(data, PublicKey.Algorithm, cancellationToken);

    public async ValueTask<byte[]> SignAsync(ReadOnlyMemory<byte> data, SignatureAlgorithm algorithm, CancellationToken cancellationToken)
    {
        var answer = await CallAsync(_http, _token, HttpMethod.Post, _key, new JsonObject
        {
            ["alg"] = $"{(algorithm.For(PublicKey).Scheme switch { SignatureScheme.Ecdsa => "ES", SignatureScheme.RsaPss => "PS", _ => "RS" })}{algorithm.Hash.Name![3..]}",
            ["value"] = Base64.Url(CryptographicOperations.HashData(algorithm.Hash, data.Span)),
        }, cancellationToken).ConfigureAwait(false);
        var signature = KeyServiceCall.Decode(answer.Text(Service, "value"), Service);
        return algorithm.Scheme == SignatureScheme.Ecdsa ? EcdsaSignature.ToDer(signature) : signature;
    }

    public void Dispose() => PublicKey.Dispose();

    private static VerificationKey ReadKey(JsonElement answer, string reference)
    {
        byte[] Part(string name) => KeyServiceCall.Decode(answer.Text(Service, "key", name), Service);
        try
        {
            switch (answer.Text(Service, "key", "kty"))
            {
                case "EC" or "EC-HSM":
                    var curve = answer.Text(Service, "key", "crv") switch
                    {
                        "P-256" => ECCurve.NamedCurves.nistP256,
                        "P-384" => ECCurve.NamedCurves.nistP384,
                        "P-521" => ECCurve.NamedCurves.nistP521,
                        var other => throw new KeyException($"The key '{reference}' is on the curve {other}: use P-256, P-384 or P-521."),
                    };
                    using (var ecdsa = ECDsa.Create(new ECParameters { Curve = curve, Q = new ECPoint { X = Part("x"), Y = Part("y") } }))
                    {
                        return VerificationKey.FromSubjectPublicKeyInfo(ecdsa.ExportSubjectPublicKeyInfo());
                    }

                case "RSA" or "RSA-HSM":
                    using (var rsa = RSA.Create(new RSAParameters { Modulus = Part("n"), Exponent = Part("e") }))
                    {
                        return VerificationKey.FromSubjectPublicKeyInfo(rsa.ExportSubjectPublicKeyInfo());
                    }

                case var other:
                    throw new KeyException($"The key '{reference}' is of the kind {other}: use an EC or RSA key.");
            }
        }
        catch (Exception e) when (e is CryptographicException or SigstoreException)
        {
            throw new KeyException($"The key '{reference}' cannot be used ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static async Task<JsonElement> CallAsync(HttpClient http, AzureAccessToken token, HttpMethod method, Uri address, JsonObject? body, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await token.GetAsync(cancellationToken).ConfigureAwait(false));
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        return await KeyServiceCall.SendAsync(http, request, Service, cancellationToken).ConfigureAwait(false);
    }
}
