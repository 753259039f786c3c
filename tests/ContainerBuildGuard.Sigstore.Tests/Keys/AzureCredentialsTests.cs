using System.Security.Cryptography;
using System.Web;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Where access tokens for Azure Key Vault come from, each source against a server that speaks its protocol.</summary>
[TestClass]
public sealed class AzureCredentialsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-azure-");
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private Func<ServerRequest, ServerAnswer?> _more = _ => null;
    private AnswerServer? _server;

    public required TestContext TestContext { get; init; }

    private AnswerServer Server => _server ??= new AnswerServer(request => request.Path.StartsWith("/keys/", StringComparison.Ordinal) ? Vault(request) : _more(request) ?? ServerAnswer.Json("""{"error":"invalid_request"}""", 400));

    public void Dispose()
    {
        _server?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _http.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    public async Task A_federated_token_takes_the_place_of_a_client_secret()
    {
        var file = Path.Combine(_folder.FullName, "token");
        await File.WriteAllTextAsync(file, "federated.token\n", TestContext.CancellationToken);
        _more = Entra("federated.token");
        await OpenAsync(new() { ["AZURE_TENANT_ID"] = "tenant", ["AZURE_CLIENT_ID"] = "client", ["AZURE_FEDERATED_TOKEN_FILE"] = file });
    }

    [TestMethod]
    public async Task The_builds_own_identity_takes_the_place_of_a_client_secret()
    {
        var entra = Entra(SigstoreServer.Token);
        _more = request => request.Path == "/identity"
            ? request.Query.EndsWith("&audience=api%3A%2F%2FAzureADTokenExchange", StringComparison.Ordinal) && request.Headers["Authorization"] == "Bearer a-right" ? ServerAnswer.Json($$"""{"value":"{{SigstoreServer.Token}}"}""") : null
            : entra(request);
        await OpenAsync(new()
        {
            ["AZURE_TENANT_ID"] = "tenant",
            ["AZURE_CLIENT_ID"] = "client",
            ["SIGSTORE_ID_TOKEN"] = "a.token.for-another-audience",
            ["ACTIONS_ID_TOKEN_REQUEST_URL"] = $"{Server.Address}identity?api-version=2.0",
            ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "a-right",
        });
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("0123")]
    public async Task A_machine_has_a_managed_identity(string client)
    {
        _more = request => request.Path == "/metadata/identity/oauth2/token" && request.Headers.GetValueOrDefault("Metadata") == "true" && Asks(request, "2018-02-01", client) ? Token : null;
        await OpenAsync(new() { ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = Server.Address.ToString(), ["AZURE_CLIENT_ID"] = client });
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("0123")]
    public async Task An_app_has_a_managed_identity(string client)
    {
        _more = request => request.Path == "/msi/token" && request.Headers.GetValueOrDefault("X-IDENTITY-HEADER") == "a-right" && Asks(request, "2019-08-01", client) ? Token : null;
        await OpenAsync(new() { ["IDENTITY_ENDPOINT"] = $"{Server.Address}msi/token", ["IDENTITY_HEADER"] = "a-right", ["AZURE_CLIENT_ID"] = client });
    }

    [TestMethod]
    public async Task A_machine_without_identity_is_an_error_that_names_the_variables()
    {
        var thrown = await Assert.ThrowsExactlyAsync<KeyException>(() => OpenAsync(new() { ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = Server.Address.ToString() }));
        StringAssert.Contains(thrown.Message, "AZURE_TENANT_ID");
        StringAssert.Contains(thrown.Message, "400, invalid_request");
    }

    [TestMethod]
    public async Task An_application_without_a_secret_or_identity_is_an_error_that_names_what_could_be_there()
    {
        var thrown = await Assert.ThrowsExactlyAsync<KeyException>(() => OpenAsync(new() { ["AZURE_TENANT_ID"] = "tenant", ["AZURE_CLIENT_ID"] = "client" }));
        StringAssert.Contains(thrown.Message, "AZURE_CLIENT_SECRET");
        StringAssert.Contains(thrown.Message, "AZURE_FEDERATED_TOKEN_FILE");
    }

    [TestMethod]
    [DataRow(null, "cannot be read")]
    [DataRow("", "holds no token")]
    [DataRow("two words", "holds no token")]
    public async Task A_token_file_that_holds_none_is_named(string? content, string reason)
    {
        var file = Path.Combine(_folder.FullName, "token");
        if (content is not null)
        {
            await File.WriteAllTextAsync(file, content, TestContext.CancellationToken);
        }

        var thrown = await Assert.ThrowsExactlyAsync<KeyException>(() => OpenAsync(new() { ["AZURE_TENANT_ID"] = "tenant", ["AZURE_CLIENT_ID"] = "client", ["AZURE_FEDERATED_TOKEN_FILE"] = file }));
        StringAssert.Contains(thrown.Message, file);
        StringAssert.Contains(thrown.Message, reason);
    }

    private static ServerAnswer Token => ServerAnswer.Json("""{"token_type":"Bearer","access_token":"a-token","expires_in":"3599"}""");

    private static bool Asks(ServerRequest request, string version, string client)
    {
        var query = HttpUtility.ParseQueryString(request.Query);
        return query["api-version"] == version && query["resource"] == "https://vault.azure.net" && (query["client_id"] ?? "") == client;
    }

    private static Func<ServerRequest, ServerAnswer?> Entra(string assertion) => request =>
    {
        var fields = HttpUtility.ParseQueryString(request.Text);
        return request.Path == "/tenant/oauth2/v2.0/token" && fields["grant_type"] == "client_credentials" && fields["client_id"] == "client" && fields["client_secret"] is null
            && fields["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" && fields["client_assertion"] == assertion && fields["scope"] == "https://vault.azure.net/.default" ? Token : null;
    };

    private ServerAnswer Vault(ServerRequest request)
    {
        var point = _key.ExportParameters(false).Q;
        return request.Headers.GetValueOrDefault("Authorization") == "Bearer a-token"
            ? ServerAnswer.Json($$$"""{"key":{"kid":"http://vault/keys/release/1","kty":"EC","crv":"P-256","x":"{{{Base64.Url(point.X)}}}","y":"{{{Base64.Url(point.Y)}}}"}}""")
            : ServerAnswer.Json("""{"error":{"code":"Unauthorized"}}""", 401);
    }

    /// <summary>The vault gives the key to the bearer of the token alone.</summary>
    private async Task OpenAsync(Dictionary<string, string> environment)
    {
        environment["AZURE_AUTHORITY_HOST"] = Server.Address.ToString();
        using var signer = await KeyServices.OpenAsync($"azurekms://{Server.Host}/release", _http, environment.GetValueOrDefault, TestContext.CancellationToken);
        CollectionAssert.AreEqual(_key.ExportSubjectPublicKeyInfo(), signer.PublicKey.SubjectPublicKeyInfo);
    }
}
