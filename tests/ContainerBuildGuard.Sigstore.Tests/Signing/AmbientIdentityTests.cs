using System.Text;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Identities of build services, each against a server that answers as its documentation says.</summary>
[TestClass]
public sealed class AmbientIdentityTests : IDisposable
{
    private readonly HttpClient _http = new();
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-identity-");

    public required TestContext TestContext { get; init; }

    private static string Token => SigstoreServer.Token;

    public void Dispose()
    {
        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    [TestMethod]
    public async Task Github_actions_gives_a_token_for_the_audience()
    {
        await using var server = new AnswerServer(r => r.Query.EndsWith("&audience=sigstore", StringComparison.Ordinal) && r.Headers["Authorization"] == "Bearer a-right" ? ServerAnswer.Json($$"""{"value":"{{Token}}","count":1}""") : new ServerAnswer(401, []));
        await FoundAsync("GitHub Actions", new() { ["ACTIONS_ID_TOKEN_REQUEST_URL"] = $"{server.Address}token?api-version=2.0", ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "a-right" });
    }

    [TestMethod]
    public async Task Azure_pipelines_gives_a_token()
    {
        await using var server = new AnswerServer(r => r.Method == "POST" && r.Query.Contains("serviceConnectionId=0123", StringComparison.Ordinal) ? ServerAnswer.Json($$"""{"oidcToken":"{{Token}}"}""") : new ServerAnswer(400, []));
        await FoundAsync("Azure Pipelines", new() { ["SYSTEM_OIDCREQUESTURI"] = $"{server.Address}oidctoken", ["SYSTEM_ACCESSTOKEN"] = "a-right", ["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"] = "0123" });
    }

    [TestMethod]
    public async Task Buildkite_gives_a_token_for_the_audience()
    {
        await using var server = new AnswerServer(r => r.Path == "/v3/jobs/job-1/oidc/tokens" && r.Headers["Authorization"] == "Token a-right" && r.Text == """{"audience":"sigstore"}""" ? ServerAnswer.Json($$"""{"token":"{{Token}}"}""", 201) : new ServerAnswer(400, []));
        await FoundAsync("Buildkite", new() { ["BUILDKITE_AGENT_ENDPOINT"] = $"{server.Address}v3", ["BUILDKITE_AGENT_ACCESS_TOKEN"] = "a-right", ["BUILDKITE_JOB_ID"] = "job-1" });
    }

    [TestMethod]
    public async Task Google_cloud_gives_a_token_for_the_audience()
    {
        await using var server = new AnswerServer(r => r.Headers.GetValueOrDefault("Metadata-Flavor") == "Google" && r.Query == "?format=full&audience=sigstore" ? new ServerAnswer(200, Encoding.ASCII.GetBytes(Token), "text/html") : new ServerAnswer(403, []));
        var product = Path.Combine(_folder.FullName, "product_name");
        await File.WriteAllTextAsync(product, "Google Compute Engine\n", TestContext.CancellationToken);
        await FoundAsync("Google Cloud", [], c => c with { ProductNamePath = product, GoogleMetadata = server.Address });
    }

    [TestMethod]
    public async Task Circleci_has_its_token_in_a_variable() => await FoundAsync("CircleCI", new() { ["CIRCLECI"] = "true", ["CIRCLE_OIDC_TOKEN_V2"] = Token });

    [TestMethod]
    public async Task A_variable_comes_before_what_a_service_gives() => await FoundAsync("SIGSTORE_ID_TOKEN", new() { ["SIGSTORE_ID_TOKEN"] = Token, ["ACTIONS_ID_TOKEN_REQUEST_URL"] = "http://127.0.0.1:1/", ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "x" });

    [TestMethod]
    public async Task A_file_holds_a_token()
    {
        var file = Path.Combine(_folder.FullName, "token");
        await File.WriteAllTextAsync(file, Token + "\n", TestContext.CancellationToken);
        await FoundAsync("SIGSTORE_ID_TOKEN_FILE", new() { ["SIGSTORE_ID_TOKEN_FILE"] = file });
        await FoundAsync("projected token", [], c => c with { ProjectedTokenPath = file });
    }

    [TestMethod]
    public async Task An_environment_without_identity_has_none() => Assert.IsNull(await AmbientIdentity.FindAsync(Context([])));

    [TestMethod]
    public async Task A_service_that_refuses_is_an_error_without_the_right_in_it()
    {
        await using var server = new AnswerServer(_ => ServerAnswer.Json("""{"message":"no permission"}""", 403));
        var thrown = await Assert.ThrowsExactlyAsync<SigstoreException>(() => AmbientIdentity.FindAsync(Context(new() { ["ACTIONS_ID_TOKEN_REQUEST_URL"] = $"{server.Address}?a=b", ["ACTIONS_ID_TOKEN_REQUEST_TOKEN"] = "a-secret-right" })));
        StringAssert.Contains(thrown.Message, "no permission");
        Assert.DoesNotContain("a-secret-right", thrown.ToString());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("a.b")]
    [DataRow("a.!!.c")]
    [DataRow("e30.e30.c")]
    [DataRow("e30.W10.c")]
    public void What_is_no_token_is_refused_without_its_text(string token)
    {
        var thrown = Assert.ThrowsExactly<SigstoreException>(() => IdentityToken.Parse(token));
        Assert.IsFalse(token.Length > 3 && thrown.Message.Contains(token, StringComparison.Ordinal));
    }

    private async Task FoundAsync(string source, Dictionary<string, string> environment, Func<AmbientContext, AmbientContext>? change = null)
    {
        var context = Context(environment);
        var found = await AmbientIdentity.FindAsync(change?.Invoke(context) ?? context);
        Assert.AreEqual(source, found!.Value.Source);
        Assert.AreEqual(SigstoreServer.Subject, found.Value.Token.Subject);
        Assert.AreEqual(SigstoreServer.Issuer, found.Value.Token.Issuer);
    }

    private AmbientContext Context(Dictionary<string, string> environment) =>
        new(_http, environment.GetValueOrDefault, AmbientIdentity.DefaultAudience, TestContext.CancellationToken) { ProjectedTokenPath = null, ProductNamePath = "/nowhere" };
}
