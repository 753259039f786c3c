using System.Text.Json;

namespace ContainerBuildGuard.Sigstore;

/// <summary>An OpenID Connect identity token. Its text is a secret while it lives, and never part of a message.</summary>
public sealed class IdentityToken
{
    private IdentityToken(string raw, string subject, string issuer, string? nonce, DateTimeOffset? expires) => (Raw, Subject, Issuer, Nonce, Expires) = (raw, subject, issuer, nonce, expires);

    /// <summary>Who it is for: the e-mail address where there is one, else the subject. What a certificate request proves possession with.</summary>
    public string Subject { get; }

    /// <summary>Who issued it.</summary>
    public string Issuer { get; }

    /// <summary>When it ends; null where it does not say.</summary>
    public DateTimeOffset? Expires { get; }

    /// <summary>What binds it to one sign-in; null where nothing does.</summary>
    internal string? Nonce { get; }

    /// <summary>The token's text.</summary>
    internal string Raw { get; }

    /// <summary>Reads a token's claims. They are not verified: the certificate authority does that.</summary>
    /// <exception cref="SigstoreException">Not a JSON Web Token with an issuer and a subject.</exception>
    public static IdentityToken Parse(string token)
    {
        var parts = token.Trim().Split('.');
        if (parts.Length != 3 || !Base64.TryDecode(parts[1], out var claims))
        {
            throw new SigstoreException(SigstoreError.Malformed, "the identity token is not a JSON Web Token");
        }

        try
        {
            using var document = JsonDocument.Parse(claims);
            string? Claim(string name) => document.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
            var subject = Claim("email") ?? Claim("sub");
            return subject is { Length: > 0 } && Claim("iss") is { Length: > 0 } issuer
                ? new IdentityToken(token.Trim(), subject, issuer, Claim("nonce"), document.RootElement.TryGetProperty("exp", out var end) && end.TryGetInt64(out var seconds) && seconds is > 0 and < 253402300799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null)
                : throw new SigstoreException(SigstoreError.Malformed, "the identity token has no issuer or no subject");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SigstoreException(SigstoreError.Malformed, "the identity token's claims are not JSON", e);
        }
    }
}
