using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;

namespace ContainerBuildGuard.Images;

/// <summary>Answers challenges: Basic with credentials, Bearer with tokens that are kept and used again until they expire.</summary>
internal sealed class Authenticator(RegistryClientOptions options, RegistryHttp http) : IDisposable
{
    private readonly TokenClient _tokens = new(options, http);
    private readonly ConcurrentDictionary<string, AuthenticationChallenge> _challenges = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<(string Registry, string Scopes), Token> _known = new();
    private readonly ConcurrentDictionary<(string Registry, string Repository, bool Push), CredentialLookup> _credentials = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>What kept credentials for <paramref name="endpoint"/> from being found, for the error that follows.</summary>
    public string? Problem(RegistryEndpoint endpoint) => _credentials
        .Where(c => c.Key.Registry == endpoint.Registry)
        .Select(c => c.Value.Problem)
        .FirstOrDefault(p => p is not null);

    /// <summary>The authorization that is known to do for these scopes, or can be had without a challenge since the registry gave one before; null at first.</summary>
    public async Task<AuthenticationHeaderValue?> KnownAsync(RegistryEndpoint endpoint, bool push, string[] scopes, CancellationToken cancellationToken)
    {
        if (!_challenges.TryGetValue(endpoint.Registry, out var challenge))
        {
            return null;
        }

        return Find(endpoint, scopes) ?? (await ObtainAsync(endpoint, push, scopes, challenge, null, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>The authorization that answers a 401; null where there is none, or the one that was <paramref name="refused"/> is all there is.</summary>
    public async Task<AuthenticationHeaderValue?> AnswerAsync(RegistryEndpoint endpoint, bool push, string[] scopes, HttpResponseMessage response, AuthenticationHeaderValue? refused, CancellationToken cancellationToken)
    {
        var lines = response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var values) ? values.AsEnumerable() : [];
        var challenges = AuthenticationChallenge.Parse(lines);
        var challenge = challenges.FirstOrDefault(c => c.Is("Bearer")) ?? challenges.FirstOrDefault(c => c.Is("Basic"));
        if (challenge is null)
        {
            return null;
        }

        _challenges[endpoint.Registry] = challenge;

        // The registry may want more than was thought of: what it names is asked for too.
        string[] wanted = [.. scopes.Concat(challenge.Parameters.GetValueOrDefault("scope", "").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal)];
        var answer = await ObtainAsync(endpoint, push, wanted, challenge, refused, cancellationToken).ConfigureAwait(false);
        if (answer is null || answer.Equals(refused))
        {
            return null;
        }

        if (_known.TryGetValue(Key(endpoint, wanted), out var token))
        {
            _known[Key(endpoint, scopes)] = token;
        }

        return answer;
    }

    private AuthenticationHeaderValue? Find(RegistryEndpoint endpoint, string[] scopes)
    {
        // What may push may also pull.
        string[] more = [.. scopes.Select(s => s.EndsWith(":pull", StringComparison.Ordinal) ? $"{s},push" : s)];
        foreach (var candidate in (string[][])[scopes, more])
        {
            if (_known.TryGetValue(Key(endpoint, candidate), out var token) && token.Expires > options.Time.GetUtcNow())
            {
                return token.Header;
            }
        }

        return null;
    }

    private async Task<AuthenticationHeaderValue?> ObtainAsync(RegistryEndpoint endpoint, bool push, string[] scopes, AuthenticationChallenge challenge, AuthenticationHeaderValue? refused, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Find(endpoint, scopes) is { } found && !found.Equals(refused))
            {
                return found;
            }

            var lookup = await LookupAsync(endpoint, push, cancellationToken).ConfigureAwait(false);
            var token = challenge.Is("Basic") ? OfBasic(lookup.Credential) : await _tokens.RequestAsync(endpoint, challenge, lookup.Credential, scopes, cancellationToken).ConfigureAwait(false);
            if (token is not null)
            {
                _known[Key(endpoint, scopes)] = token;
            }

            return token?.Header;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    /// <summary>Credential helpers are slow and may ask the user; each is asked once.</summary>
    private async Task<CredentialLookup> LookupAsync(RegistryEndpoint endpoint, bool push, CancellationToken cancellationToken)
    {
        var key = (endpoint.Registry, endpoint.Repository, push);
        return _credentials.TryGetValue(key, out var known)
            ? known
            : _credentials[key] = await options.Credentials.LookupAsync(endpoint.Registry, endpoint.Repository, push, named: endpoint.Mirror is null, cancellationToken).ConfigureAwait(false);
    }

    private static Token? OfBasic(RegistryCredential? credential) => credential is { IsIdentityToken: false, IsRegistryToken: false }
        ? new Token(Basic(credential), DateTimeOffset.MaxValue)
        : null;

    public static AuthenticationHeaderValue Basic(RegistryCredential credential) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}")));

    private static (string, string) Key(RegistryEndpoint endpoint, IEnumerable<string> scopes) => (endpoint.Registry, string.Join(' ', scopes.Order(StringComparer.Ordinal)));
}

/// <summary>An authorization and until when it does.</summary>
internal sealed record Token(AuthenticationHeaderValue Header, DateTimeOffset Expires)
{
    /// <inheritdoc />
    public override string ToString() => "(token)";
}
