using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>Bearer authentication in front of a registry, with its token server at <c>/token</c> (distribution, "Token Authentication").</summary>
public sealed class TokenGate(string user, string password)
{
    private readonly ConcurrentDictionary<string, (string[] Scopes, DateTimeOffset Expires)> _tokens = new();
    private int _issued;

    public int Issued => _issued;

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromMinutes(5);

    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Whether reading needs no account.</summary>
    public bool AnonymousPull { get; set; }

    /// <summary>A refresh token that the server takes instead of a password.</summary>
    public string? IdentityToken { get; set; }

    /// <summary>The challenge; <c>{0}</c> is the token server's address, <c>{1}</c> the scope.</summary>
    public string Challenge { get; set; } = "Bearer realm=\"{0}\",service=\"test, with a comma\",scope=\"{1}\"";

    public RequestDelegate Before(RequestDelegate registry) => async context =>
    {
        if (context.Request.Path == "/token")
        {
            await TokenAsync(context);
            return;
        }

        var needed = Needed(context.Request);
        var token = context.Request.Headers.Authorization.ToString() is ['B', 'e', 'a', 'r', 'e', 'r', ' ', .. var value] ? value : "";
        if (_tokens.TryGetValue(token, out var grant) && grant.Expires > Time.GetUtcNow() && (needed is null || grant.Scopes.Any(s => Covers(s, needed))))
        {
            await registry(context);
            return;
        }

        context.Response.StatusCode = 401;
        context.Response.Headers.WWWAuthenticate = string.Format(CultureInfo.InvariantCulture, Challenge, $"{context.Request.Scheme}://{context.Request.Host}/token", needed ?? "");
    };

    /// <summary>Makes tokens that a registry verifies itself; without it they are names that the gate knows.</summary>
    public SignedTokens? Signer { get; set; }

    /// <summary>Takes every token back.</summary>
    public void Revoke() => _tokens.Clear();

    private async Task TokenAsync(HttpContext context)
    {
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : null;
        var scopes = (form is null ? context.Request.Query["scope"].AsEnumerable() : form["scope"].ToString().Split(' ')).ToArray();
        var known = form is null
            ? context.Request.Headers.Authorization == $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}"
            : IdentityToken is not null && form["refresh_token"] == IdentityToken && form["grant_type"] == "refresh_token";
        if (!known && !(AnonymousPull && context.Request.Headers.Authorization.Count == 0 && form is null))
        {
            context.Response.StatusCode = 401;
            return;
        }

        string[] granted = [.. scopes.Where(s => s is not null).Select(s => known ? s! : s!.Replace(",push", "", StringComparison.Ordinal))];
        var token = Signer?.Mint(granted) ?? $"token-{Guid.NewGuid():N}";
        Interlocked.Increment(ref _issued);
        _tokens[token] = (granted, Time.GetUtcNow() + Lifetime);
        await context.Response.WriteAsync(JsonSerializer.Serialize(new Dictionary<string, object> { ["access_token"] = token, ["token"] = token, ["expires_in"] = (int)Lifetime.TotalSeconds }));
    }

    private static string? Needed(HttpRequest request)
    {
        var path = request.Path.ToString();
        if (path is "/v2/" or "/v2")
        {
            return null;
        }

        if (path == "/v2/_catalog")
        {
            return "registry:catalog:*";
        }

        var kind = new[] { "/manifests/", "/blobs/", "/tags/", "/referrers/" }.Select(k => path.LastIndexOf(k, StringComparison.Ordinal)).Max();
        return $"repository:{path[4..kind]}:{(request.Method is "GET" or "HEAD" ? "pull" : "pull,push")}";
    }

    private static bool Covers(string granted, string needed)
    {
        var (g, n) = (granted.LastIndexOf(':'), needed.LastIndexOf(':'));
        return granted[..g] == needed[..n] && needed[(n + 1)..].Split(',').All(granted[(g + 1)..].Split(',').Contains);
    }
}
