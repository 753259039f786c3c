using System.Text.Json;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Any token may ask for its own rate limit, whatever it is for.</summary>
internal sealed record GitHubLive(Uri Address) : LiveService("GitHub", Address)
{
    public override IReadOnlyList<string> Detectors => ["github-token", "github-app-token", "github-fine-grained-token"];

    public override string Call => "GET /rate_limit";

    public override Task<HttpRequestMessage> RequestAsync(LiveCredential credential, DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult(With(HttpMethod.Get, new Uri(Address, "rate_limit"), "Bearer", credential.Token));

    public override LiveAnswer Judge(int status, string body) => ByStatus(status);
}

/// <summary>An unknown token is led to the sign-in page; one without the right to read profiles is known and refused.</summary>
internal sealed record AzureDevOpsLive(Uri Address) : LiveService("Azure DevOps", Address)
{
    public override IReadOnlyList<string> Detectors => ["azure-devops-token", "azure-devops-legacy-token"];

    public override string Call => "GET /_apis/profile/profiles/me";

    public override Task<HttpRequestMessage> RequestAsync(LiveCredential credential, DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult(With(HttpMethod.Get, new Uri(Address, "_apis/profile/profiles/me?api-version=7.1"), "Basic", Base64($":{credential.Token}")));

    public override LiveAnswer Judge(int status, string body) => status switch
    {
        203 or 302 => LiveAnswer.Dead(Address.Host),
        403 => LiveAnswer.Live(Address.Host),
        _ => ByStatus(status),
    };
}

/// <summary>The public registry; a registry of one's own is never asked.</summary>
internal sealed record NpmLive(Uri Address) : LiveService("npm", Address)
{
    public override IReadOnlyList<string> Detectors => ["npm-token"];

    public override string Call => "GET /-/whoami";

    public override Task<HttpRequestMessage> RequestAsync(LiveCredential credential, DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult(With(HttpMethod.Get, new Uri(Address, "-/whoami"), "Bearer", credential.Token));

    public override LiveAnswer Judge(int status, string body) => ByStatus(status);
}

/// <summary>Slack answers 200 to everything and says in the body what it means.</summary>
internal sealed record SlackLive(Uri Address) : LiveService("Slack", Address)
{
    public override IReadOnlyList<string> Detectors => ["slack-bot-token", "slack-user-token", "slack-legacy-token", "slack-workspace-token"];

    public override string Call => "POST /api/auth.test";

    public override Task<HttpRequestMessage> RequestAsync(LiveCredential credential, DateTimeOffset now, CancellationToken cancellationToken) =>
        Task.FromResult(With(HttpMethod.Post, new Uri(Address, "api/auth.test"), "Bearer", credential.Token));

    public override LiveAnswer Judge(int status, string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var answer = document.RootElement;
            return status != 200 || answer.ValueKind != JsonValueKind.Object ? LiveAnswer.Unknown($"{Address.Host} answered {status}")
                : answer.TryGetProperty("ok", out var ok) && ok.ValueKind == JsonValueKind.True ? LiveAnswer.Live(Address.Host)
                : answer.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.String && error.GetString() is "invalid_auth" or "token_revoked" or "token_expired" or "account_inactive" or "not_authed" ? LiveAnswer.Dead(Address.Host)
                : LiveAnswer.Unknown($"{Address.Host} gave another reason");
        }
        catch (JsonException)
        {
            return LiveAnswer.Unknown($"{Address.Host} answered {status} with something else than JSON");
        }
    }
}

/// <summary>Every key may ask who it is. The request is signed; the secret key itself is never sent.</summary>
internal sealed record AwsLive(Uri Address) : LiveService("AWS STS", Address)
{
    private const int SecretLength = 40;
    private static readonly ByteSet SecretBytes = ByteSet.Of("A-Za-z0-9+/");

    public override IReadOnlyList<string> Detectors => ["aws-access-key"];

    public override string Call => "POST / (GetCallerIdentity, signed)";

    /// <summary>The key id, and the secret key that stands near it. A temporary key (ASIA) would need its session token too.</summary>
    public override LiveCredential? Read(string found, ReadOnlySpan<byte> around)
    {
        if (!found.StartsWith("AKIA", StringComparison.Ordinal))
        {
            return null;
        }

        for (var at = 0; at < around.Length;)
        {
            var run = SecretBytes.Prefix(around[at..]);
            if (run == SecretLength && Randomness.Entropy(around.Slice(at, run)) > 4 && Randomness.Kinds(around.Slice(at, run)) is { Lower: > 2, Upper: > 2, Digits: > 0 })
            {
                return new LiveCredential(this, found, System.Text.Encoding.ASCII.GetString(around.Slice(at, run)));
            }

            at += run + 1;
        }

        return null;
    }

    public override async Task<HttpRequestMessage> RequestAsync(LiveCredential credential, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, Address) { Content = new FormUrlEncodedContent([KeyValuePair.Create("Action", "GetCallerIdentity"), KeyValuePair.Create("Version", "2011-06-15")]) };
        await new AwsRequestSigner(credential.Token, credential.Secret, null, "us-east-1", "sts").SignAsync(request, now, cancellationToken);
        return request;
    }

    public override LiveAnswer Judge(int status, string body) =>
        status == 200 ? LiveAnswer.Live(Address.Host)
        : status == 403 && body.Contains("InvalidClientTokenId", StringComparison.Ordinal) ? LiveAnswer.Dead(Address.Host)
        : body.Contains("SignatureDoesNotMatch", StringComparison.Ordinal) ? LiveAnswer.Unknown($"{Address.Host} knows the key id, and the secret that stands near it is another's")
        : LiveAnswer.Unknown($"{Address.Host} answered {status}");
}
