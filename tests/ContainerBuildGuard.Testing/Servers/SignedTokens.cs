using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>Bearer tokens that a real registry verifies itself (distribution, "Token Authentication Implementation"): JWTs signed with ES256 under a certificate that it trusts.</summary>
public sealed class SignedTokens(X509Certificate2 certificate, string issuer, string service)
{
    public string Mint(IEnumerable<string> scopes)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var header = new { typ = "JWT", alg = "ES256", x5c = (string[])[Convert.ToBase64String(certificate.RawData)] };
        var access = scopes.Select(s => (First: s.IndexOf(':', StringComparison.Ordinal), Last: s.LastIndexOf(':'), Scope: s))
            .Select(s => new { type = s.Scope[..s.First], name = s.Scope[(s.First + 1)..s.Last], actions = s.Scope[(s.Last + 1)..].Split(',') });
        var claims = new { iss = issuer, sub = "robot", aud = service, exp = now + 300, nbf = now - 10, iat = now, jti = Guid.NewGuid().ToString(), access };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        using var key = certificate.GetECDsaPrivateKey()!;
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private static string Encode<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
