using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Identity tokens of build services, each by its own documentation. Null where the environment is not that service's, or the build has no right to a token.</summary>
internal static class BuildServiceIdentities
{
    /// <summary>GitHub Actions: only with the permission <c>id-token: write</c>.</summary>
    public static async Task<string?> GitHubAsync(AmbientContext context)
    {
        if (context.Variable("ACTIONS_ID_TOKEN_REQUEST_URL") is not { } url || context.Variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN") is not { } bearer)
        {
            return null;
        }

        var address = Address(url + (url.Contains('?', StringComparison.Ordinal) ? "&" : "?") + $"audience={Uri.EscapeDataString(context.Audience)}", "GitHub Actions");
        return await AskAsync(context, "GitHub Actions", () => Bearer(new HttpRequestMessage(HttpMethod.Get, address), bearer), "value").ConfigureAwait(false);
    }

    /// <summary>Azure Pipelines: only where the step maps <c>SYSTEM_ACCESSTOKEN</c>. The audience is the service's own.</summary>
    public static async Task<string?> AzurePipelinesAsync(AmbientContext context)
    {
        if (context.Variable("SYSTEM_OIDCREQUESTURI") is not { } url || context.Variable("SYSTEM_ACCESSTOKEN") is not { } bearer)
        {
            return null;
        }

        var connection = context.Variable("AZURESUBSCRIPTION_SERVICE_CONNECTION_ID") is { } id ? $"&serviceConnectionId={Uri.EscapeDataString(id)}" : "";
        var address = Address($"{url}?api-version=7.1{connection}", "Azure Pipelines");
        return await AskAsync(context, "Azure Pipelines", () => Bearer(new HttpRequestMessage(HttpMethod.Post, address) { Content = ServiceUrl.Json([]) }, bearer), "oidcToken").ConfigureAwait(false);
    }

    /// <summary>Buildkite, by its agent's API.</summary>
    public static async Task<string?> BuildkiteAsync(AmbientContext context)
    {
        if (context.Variable("BUILDKITE_AGENT_ACCESS_TOKEN") is not { } token || context.Variable("BUILDKITE_JOB_ID") is not { } job)
        {
            return null;
        }

        var endpoint = (context.Variable("BUILDKITE_AGENT_ENDPOINT") ?? "https://agent.buildkite.com/v3").TrimEnd('/');
        var address = Address($"{endpoint}/jobs/{Uri.EscapeDataString(job)}/oidc/tokens", "Buildkite");
        var body = Encoding.UTF8.GetBytes(new JsonObject { ["audience"] = context.Audience }.ToJsonString());
        return await AskAsync(context, "Buildkite", () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = ServiceUrl.Json(body) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Token", token);
            return request;
        }, "token").ConfigureAwait(false);
    }

    /// <summary>CircleCI gives a token to every job in a variable. Its audience is the organisation, which a private authority must accept.</summary>
    public static Task<string?> CircleCiAsync(AmbientContext context) =>
        Task.FromResult(context.Variable("CIRCLECI") is null ? null : context.Variable("CIRCLE_OIDC_TOKEN_V2") ?? context.Variable("CIRCLE_OIDC_TOKEN"));

    /// <summary>Google Cloud: the default service account, by the metadata service.</summary>
    public static async Task<string?> GoogleCloudAsync(AmbientContext context)
    {
        if (!File.Exists(context.ProductNamePath) || !AmbientContext.ReadToken(context.ProductNamePath).StartsWith("Google", StringComparison.Ordinal))
        {
            return null;
        }

        var address = new Uri(context.GoogleMetadata, $"computeMetadata/v1/instance/service-accounts/default/identity?format=full&audience={Uri.EscapeDataString(context.Audience)}");
        var (_, body, _) = await ServiceCall.SendAsync(context.Http, "Google Cloud's metadata service", () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Add("Metadata-Flavor", "Google");
            return request;
        }, s => s == HttpStatusCode.OK, context.CancellationToken).ConfigureAwait(false);
        return Encoding.ASCII.GetString(body);
    }

    private static async Task<string> AskAsync(AmbientContext context, string service, Func<HttpRequestMessage> request, string member)
    {
        var (_, body, _) = await ServiceCall.SendAsync(context.Http, $"{service}'s identity service", request, s => s is HttpStatusCode.OK or HttpStatusCode.Created, context.CancellationToken).ConfigureAwait(false);
        using var document = ProtoMessage.Parse(body, 1 << 20, $"the answer of {service}'s identity service");
        return ProtoMessage.Root(document).RequiredText(member);
    }

    private static HttpRequestMessage Bearer(HttpRequestMessage request, string token)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return request;
    }

    private static Uri Address(string url, string service) => Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "https" or "http"
        ? address
        : throw new SigstoreException(SigstoreError.Malformed, $"the identity service of {service} is not a URL");
}
