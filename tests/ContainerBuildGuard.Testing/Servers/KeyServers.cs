using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>What key management services answer about one key that they hold, where they are asked as their documentation says.</summary>
public static class KeyServers
{
    /// <summary>Azure Key Vault (REST API 7.4) with the key <c>release</c>, and the token service before it.</summary>
    public static ServerAnswer Azure(ServerRequest request, AsymmetricAlgorithm key)
    {
        if (request.Path == "/tenant/oauth2/v2.0/token")
        {
            return request.Text.Contains("client_secret=", StringComparison.Ordinal) || request.Text.Contains("client_assertion=", StringComparison.Ordinal)
                ? ServerAnswer.Json("""{"token_type":"Bearer","access_token":"a-token"}""")
                : ServerAnswer.Json("""{"error":"invalid_client"}""", 401);
        }

        if (request.Headers.GetValueOrDefault("Authorization") != "Bearer a-token" || request.Query != "?api-version=7.4")
        {
            return ServerAnswer.Json("""{"error":{"code":"Unauthorized"}}""", 401);
        }

        if (request.Method == "GET")
        {
            return ServerAnswer.Json(new JsonObject { ["key"] = Jwk(key, $"http://{request.Headers["Host"]}/keys/release/0123") }.ToJsonString());
        }

        var digest = Base64Url.DecodeFromChars((string)JsonNode.Parse(request.Text)!["value"]!);
        return request.Path == "/keys/release/0123/sign" && Sign(key, AlgorithmOf(request), digest, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) is { } signature
            ? ServerAnswer.Json(new JsonObject { ["kid"] = "release/0123", ["value"] = Base64Url.EncodeToString(signature) }.ToJsonString())
            : ServerAnswer.Json("""{"error":{"code":"BadParameter"}}""", 400);
    }

    /// <summary>AWS Key Management Service.</summary>
    public static ServerAnswer Aws(ServerRequest request, AsymmetricAlgorithm key)
    {
        var body = JsonNode.Parse(request.Text)!;
        return request.Headers["X-Amz-Target"] switch
        {
            "TrentService.GetPublicKey" => ServerAnswer.Json(new JsonObject { ["PublicKey"] = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) }.ToJsonString()),
            "TrentService.Sign" when (string?)body["MessageType"] == "DIGEST"
                && Sign(key, AlgorithmOf(request), Convert.FromBase64String((string)body["Message"]!), DSASignatureFormat.Rfc3279DerSequence) is { } signature
                => ServerAnswer.Json(new JsonObject { ["Signature"] = Convert.ToBase64String(signature) }.ToJsonString()),
            _ => ServerAnswer.Json("""{"__type":"ValidationException"}""", 400),
        };
    }

    /// <summary>How a request asks the key to sign.</summary>
    public static string AlgorithmOf(ServerRequest request)
    {
        var body = JsonNode.Parse(request.Text)!;
        return (string)(body["alg"] ?? body["SigningAlgorithm"])!;
    }

    private static JsonObject Jwk(AsymmetricAlgorithm key, string id)
    {
        if (key is ECDsa ecdsa)
        {
            var point = ecdsa.ExportParameters(false).Q;
            return new JsonObject { ["kid"] = id, ["kty"] = "EC-HSM", ["crv"] = $"P-{ecdsa.KeySize}", ["x"] = Base64Url.EncodeToString(point.X), ["y"] = Base64Url.EncodeToString(point.Y) };
        }

        var parameters = ((RSA)key).ExportParameters(false);
        return new JsonObject { ["kid"] = id, ["kty"] = "RSA", ["n"] = Base64Url.EncodeToString(parameters.Modulus), ["e"] = Base64Url.EncodeToString(parameters.Exponent) };
    }

    /// <summary>The signature over a digest; null where the key does not sign so, or the digest is none of that hash.</summary>
    private static byte[]? Sign(AsymmetricAlgorithm key, string algorithm, byte[] digest, DSASignatureFormat format)
    {
        var bits = int.Parse(algorithm[^3..], CultureInfo.InvariantCulture);
        if (digest.Length * 8 != bits)
        {
            return null;
        }

        return (key, algorithm[..^3]) switch
        {
            (ECDsa ecdsa, "ES" or "ECDSA_SHA_") when bits == (ecdsa.KeySize == 521 ? 512 : ecdsa.KeySize) => ecdsa.SignHash(digest, format),
            (RSA rsa, "RS" or "RSASSA_PKCS1_V1_5_SHA_") => rsa.SignHash(digest, new HashAlgorithmName($"SHA{bits}"), RSASignaturePadding.Pkcs1),
            (RSA rsa, "PS" or "RSASSA_PSS_SHA_") => rsa.SignHash(digest, new HashAlgorithmName($"SHA{bits}"), RSASignaturePadding.Pss),
            _ => null,
        };
    }
}
