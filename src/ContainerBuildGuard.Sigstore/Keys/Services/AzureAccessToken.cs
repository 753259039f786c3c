namespace ContainerBuildGuard.Sigstore;

/// <summary>
/// An access token for Azure Key Vault (Microsoft identity platform, OAuth 2.0 client credentials): by a client secret, by a federated token (of a file, or of the build's identity),
/// or by the managed identity of the app or machine.
/// </summary>
internal sealed class AzureAccessToken(HttpClient http, Func<string, string?> environment)
{
    private const string Service = "Microsoft Entra ID";
    private const string Resource = "https://vault.azure.net";
    private const string FederationAudience = "api://AzureADTokenExchange";
    private string? _token;

    /// <exception cref="KeyException">No credentials, or they were refused.</exception>
    public async Task<string> GetAsync(CancellationToken cancellationToken) => _token ??= await RequestAsync(cancellationToken).ConfigureAwait(false);

    private async Task<string> RequestAsync(CancellationToken cancellationToken)
    {
        var (request, service) = Variable("AZURE_TENANT_ID") is { } tenant && Variable("AZURE_CLIENT_ID") is { } client
            ? (await AsApplicationAsync(tenant, client, cancellationToken).ConfigureAwait(false), Service)
            : (AsManagedIdentity(), "No AZURE_TENANT_ID and AZURE_CLIENT_ID are set, and the service of managed identities");
        using (request)
        {
            return (await KeyServiceCall.SendAsync(http, request, service, cancellationToken).ConfigureAwait(false)).Text(service, "access_token");
        }
    }

    private async Task<HttpRequestMessage> AsApplicationAsync(string tenant, string client, CancellationToken cancellationToken)
    {
        var fields = new Dictionary<string, string> { ["grant_type"] = "client_credentials", ["client_id"] = client, ["scope"] = $"{Resource}/.default" };
        if (Variable("AZURE_FEDERATED_TOKEN_FILE") is { } file)
        {
            Assert(fields, await TokenFile.ReadAsync(file, cancellationToken).ConfigureAwait(false));
        }
        else if (Variable("AZURE_CLIENT_SECRET") is { } secret)
        {
            fields["client_secret"] = secret;
        }
        else
        {
            Assert(fields, await BuildTokenAsync(cancellationToken).ConfigureAwait(false));
        }

        var authority = (Variable("AZURE_AUTHORITY_HOST") ?? "https://login.microsoftonline.com").TrimEnd('/');
        return new HttpRequestMessage(HttpMethod.Post, $"{authority}/{Uri.EscapeDataString(tenant)}/oauth2/v2.0/token") { Content = new FormUrlEncodedContent(fields) };
    }

    /// <summary>The build's own identity, where the application trusts it: no secret has to be kept.</summary>
    private async Task<string> BuildTokenAsync(CancellationToken cancellationToken)
    {
        try
        {
            // A token that was made for signing is for another audience.
            var context = new AmbientContext(http, name => name.StartsWith("SIGSTORE_", StringComparison.Ordinal) ? null : environment(name), FederationAudience, cancellationToken) { ProjectedTokenPath = null };
            return (await AmbientIdentity.FindAsync(context).ConfigureAwait(false))?.Token.Raw
                ?? throw new KeyException("Azure credentials are missing: set AZURE_CLIENT_SECRET or AZURE_FEDERATED_TOKEN_FILE beside AZURE_TENANT_ID and AZURE_CLIENT_ID, or give the job the right to an identity token.");
        }
        catch (SigstoreException e)
        {
            throw new KeyException($"The build's identity, which should take the place of AZURE_CLIENT_SECRET, cannot be used: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <summary>App Service, Functions and Container Apps name an endpoint of their own; machines have the instance metadata service. An identity that was assigned is named by AZURE_CLIENT_ID.</summary>
    private HttpRequestMessage AsManagedIdentity()
    {
        var query = $"resource={Uri.EscapeDataString(Resource)}{(Variable("AZURE_CLIENT_ID") is { } client ? $"&client_id={Uri.EscapeDataString(client)}" : "")}";
        if (Variable("IDENTITY_ENDPOINT") is { } endpoint && Variable("IDENTITY_HEADER") is { } header)
        {
            return Ask(endpoint, $"api-version=2019-08-01&{query}", "X-IDENTITY-HEADER", header);
        }

        var machine = (Variable("AZURE_POD_IDENTITY_AUTHORITY_HOST") ?? "http://169.254.169.254").TrimEnd('/');
        return Ask($"{machine}/metadata/identity/oauth2/token", $"api-version=2018-02-01&{query}", "Metadata", "true");
    }

    private static HttpRequestMessage Ask(string address, string query, string header, string value)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, Uri.TryCreate($"{address}?{query}", UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") ? uri : throw new KeyException("IDENTITY_ENDPOINT is not an address."));
        request.Headers.TryAddWithoutValidation(header, value);
        return request;
    }

    private static void Assert(Dictionary<string, string> fields, string assertion)
    {
        fields["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        fields["client_assertion"] = assertion;
    }

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;
}
