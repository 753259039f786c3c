using System.Security.Cryptography;
using System.Text;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The token that <c>aws sso login</c> leaves is exchanged for a role; nobody is signed in.</summary>
[TestClass]
public sealed class AwsSingleSignOnTests : IDisposable
{
    private const string Token = "made-up-token";
    private const string Role = "sso_account_id = 111122223333\nsso_role_name = Release Signer\n";
    private const string Session = $"[profile p]\nsso_session = ours\n{Role}[sso-session ours]\nsso_region = eu-west-1\nsso_start_url = https://login.test/start\n";
    private const string Older = $"[profile p]\nsso_start_url = https://login.test/start\nsso_region = eu-west-1\n{Role}";
    private readonly AwsFixture _aws = new();

    public void Dispose() => _aws.Dispose();

    [TestMethod]
    [DataRow(Session, "ours", "2099-01-01T00:00:00Z")]
    [DataRow(Older, "https://login.test/start", "2099-01-01T00:00:00UTC")]
    public async Task A_kept_token_takes_the_role(string config, string name, string end)
    {
        _aws.Answer = request => request is { Method: "GET", Path: "/federation/credentials", Query: "?role_name=Release%20Signer&account_id=111122223333" } && request.Headers.GetValueOrDefault("x-amz-sso_bearer_token") == Token
            ? ServerAnswer.Json($$$"""{"roleCredentials":{"accessKeyId":"from-sso","secretAccessKey":"{{{AwsFixture.Secret}}}","sessionToken":"sso-session","expiration":4070908800000}}""")
            : null;
        Keep(name, $$"""{"accessToken":"{{Token}}","expiresAt":"{{end}}"}""");
        Assert.AreEqual(("from-sso", "sso-session"), await UsedAsync(config));
    }

    [TestMethod]
    [DataRow("""{"accessToken":"made-up-token","expiresAt":"2020-01-01T00:00:00Z"}""", "expired: run `aws sso login --profile p`")]
    [DataRow("""{"accessToken":"made-up-token","expiresAt":"later"}""", "expired")]
    [DataRow("""{"expiresAt":"2099-01-01T00:00:00Z"}""", "'accessToken'")]
    [DataRow("""{"accessToken":"made\nup","expiresAt":"2099-01-01T00:00:00Z"}""", "is none")]
    [DataRow("no JSON", "JSON")]
    public async Task What_is_kept_and_no_good_is_said(string kept, string reason)
    {
        Keep("ours", kept);
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<KeyException>(() => UsedAsync(Session))).Message, reason);
        Assert.IsEmpty(_aws.Server.Requests);
    }

    [TestMethod]
    public async Task A_refusal_names_its_code_and_not_the_token()
    {
        _aws.Answer = _ => ServerAnswer.Json("""{"__type":"UnauthorizedException"}""", 401);
        Keep("ours", $$"""{"accessToken":"{{Token}}","expiresAt":"2099-01-01T00:00:00Z"}""");
        var thrown = await Assert.ThrowsExactlyAsync<KeyException>(() => UsedAsync(Session));
        StringAssert.Contains(thrown.Message, "UnauthorizedException");
        Assert.DoesNotContain(Token, thrown.ToString());
    }

#pragma warning disable CA5350 // A file's name by AWS's rule.
    private void Keep(string session, string content) => _aws.Write($".aws/sso/cache/{Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(session)))}.json", content);
#pragma warning restore CA5350

    private Task<(string AccessKey, string? Session)> UsedAsync(string config)
    {
        var environment = _aws.Files(config, "");
        environment["AWS_PROFILE"] = "p";
        return _aws.UsedAsync(environment);
    }
}
