using System.Text.Json;

namespace ContainerBuildGuard.Sigstore;

/// <summary>An access token for Azure Key Vault: by a client secret, by workload identity federation, or by the machine's managed identity (Microsoft identity platform, OAuth 2.0 client credentials).</summary>
internal sealed class AzureAccessToken(HttpClient http, Func<string, string?> environment)
{
    private const string Service = "Microsoft Entra ID";
    private const string Resource = "https://vault.azure.net";
    private string? _token;

    /// <exception cref="KeyException">No credentials, or they were refused.</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken) => _token ??= await RequestAsync(cancellationToken).ConfigureAwait(false);

    private async Task<string> RequestAsync(CancellationToken cancellationToken)
    {
        using var request = Request(await AssertionAsync(cancellationToken).ConfigureAwait(false));
        JsonElement answer = await KeyServiceCall.SendAsync(http, request, Service, cancellationToken).ConfigureAwait(false);
        return answer.Text(Service, "access_token");
    }

    private HttpRequestMessage Request(string? assertion)
    {
        if (environment("AZURE_TENANT_ID") is not { Length: > 0 } tenant || environment("AZURE_CLIENT_ID") is not { Length: > 0 } client)
        {
            var managed = new HttpRequestMessage(HttpMethod.Get, $"http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource={Uri.EscapeDataString(Resource)}");
            managed.Headers.Add("Metadata", "true");
            return managed;
        }

        var fields = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = client, ["scope"] = $"{Resource}/.default" };
        if (assertion is not null)
        {
            fields["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            fields["client_assertion"] = assertion;
        }
        else
        {
            fields["client_secret"] = environment("AZURE_CLIENT_SECRET") ?? throw new KeyException("Azure credentials are missing: set AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE beside AZURE_TENANT_ID and AZURE_CLIENT_ID.");
        }

        var authority = (environment("AZURE_AUTHORITY_HOST") ?? "https://login.microsoftonline.com").TrimEnd('/');
        return new HttpRequestMessage(HttpMethod.Post, $"{authority}/{Uri.EscapeDataString(tenant)}/oauth2/v2.0/token") { Content = new FormUrlEncodedContent(fields) };
    }

    private async Task<string?> AssertionAsync(CancellationToken cancellationToken)
    {
        if (environment("AZURE_FEDERATED_TOKEN_FILE") is not { Length: > 0 } path)
        {
            return null;
        }

        try
        {
            return (await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false)).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KeyException($"The token file that AZURE_FEDERATED_TOKEN_FILE names cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
