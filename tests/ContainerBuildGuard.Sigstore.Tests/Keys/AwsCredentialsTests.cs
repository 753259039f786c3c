using System.Text;
using System.Web;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Where AWS credentials come from, each source against a server that speaks its protocol. Which credentials were taken shows in the request that they sign.</summary>
[TestClass]
public sealed class AwsCredentialsTests : IDisposable
{
    private const string Secret = AwsFixture.Secret;
    private readonly AwsFixture _aws = new();

    public void Dispose() => _aws.Dispose();

    [TestMethod]
    public async Task Variables_come_first() =>
        Assert.AreEqual(("from-variables", "a-session"), await _aws.UsedAsync(new() { ["AWS_ACCESS_KEY_ID"] = "from-variables", ["AWS_SECRET_ACCESS_KEY"] = Secret, ["AWS_SESSION_TOKEN"] = "a-session", ["AWS_PROFILE"] = "none" }));

    [TestMethod]
    public async Task A_web_identity_takes_a_role()
    {
        _aws.Answer = request =>
        {
            var fields = HttpUtility.ParseQueryString(request.Text);
            return fields["Action"] == "AssumeRoleWithWebIdentity" && fields["WebIdentityToken"] == "a.web.token" && fields["RoleArn"] == "arn:aws:iam::111122223333:role/ci" && fields["Version"] == "2011-06-15" && !request.Headers.ContainsKey("Authorization")
                ? Role("AssumeRoleWithWebIdentity", "from-web-identity")
                : null;
        };
        Assert.AreEqual(("from-web-identity", "role-session"), await _aws.UsedAsync(new() { ["AWS_WEB_IDENTITY_TOKEN_FILE"] = _aws.Write("token", "a.web.token\n"), ["AWS_ROLE_ARN"] = "arn:aws:iam::111122223333:role/ci" }));
    }

    [TestMethod]
    [DataRow("", "from-default")]
    [DataRow("release", "from-release")]
    [DataRow("spaced", "from-spaced")]
    public async Task A_profile_has_keys_in_either_file(string profile, string expected)
    {
        var environment = _aws.Files("""
            # a comment
            [profile release]
            aws_access_key_id = overridden
            aws_secret_access_key = x
            s3 =
              aws_access_key_id = nested
            [profile   spaced]
            aws_access_key_id=from-spaced
            aws_secret_access_key=SECRET
            """, """
            [default]
            aws_access_key_id = from-default
            aws_secret_access_key = SECRET
            [release]
            aws_access_key_id = from-release
            aws_secret_access_key = SECRET
            """);
        environment["AWS_PROFILE"] = profile;
        Assert.AreEqual(expected, (await _aws.UsedAsync(environment)).AccessKey);
    }

    [TestMethod]
    public async Task A_profile_takes_a_role_by_the_keys_of_another()
    {
        _aws.Answer = request =>
        {
            var fields = HttpUtility.ParseQueryString(request.Text);
            return fields["Action"] == "AssumeRole" && fields["RoleArn"] == "arn:role" && fields["ExternalId"] == "ours" && fields["RoleSessionName"] == "release"
                && request.Headers["Authorization"].Contains("Credential=from-base/", StringComparison.Ordinal) && request.Headers["Authorization"].Contains("/eu-central-1/sts/aws4_request", StringComparison.Ordinal)
                ? Role("AssumeRole", "from-role")
                : null;
        };
        var environment = _aws.Files("""
            [profile release]
            role_arn = arn:role
            source_profile = base
            external_id = ours
            role_session_name = release
            """, "[base]\naws_access_key_id = from-base\naws_secret_access_key = SECRET\n");
        environment["AWS_PROFILE"] = "release";
        Assert.AreEqual(("from-role", "role-session"), await _aws.UsedAsync(environment));
    }

    [TestMethod]
    [DataRow("[profile p]\nrole_arn = a\nsource_profile = q\n[profile q]\nrole_arn = a\nsource_profile = p\n", "too many")]
    [DataRow("[profile p]\nrole_arn = a\n", "source_profile")]
    [DataRow("[profile p]\ncredential_process = /no/such/program\n", "'/no/such/program' is no program here")]
    [DataRow("[profile p]\ncredential_process = \"/bin/true\n", "quotation mark")]
    [DataRow("[profile p]\nsso_session = s\n", "lacks sso_region")]
    [DataRow("[profile p]\nsso_session = s\n[sso-session s]\nsso_region = eu-central-1\n", "aws sso login --profile p")]
    [DataRow("[profile p]\nsso_start_url = https://login.test\nsso_region = eu-central-1\n", "nobody is signed in")]
    [DataRow("[profile q]\n", "'p'")]
    public async Task A_profile_that_gives_no_credentials_says_why(string config, string reason)
    {
        var environment = _aws.Files(config, "");
        environment["AWS_PROFILE"] = "p";
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<KeyException>(() => _aws.UsedAsync(environment))).Message, reason);
    }

    [TestMethod]
    [DataRow("AWS_CONTAINER_AUTHORIZATION_TOKEN")]
    [DataRow("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")]
    public async Task A_container_has_a_role(string variable)
    {
        _aws.Answer = request => request.Path == "/v1/credentials" && request.Headers.GetValueOrDefault("Authorization") == "a-right" ? Keys("from-container") : null;
        Assert.AreEqual(("from-container", "key-session"), await _aws.UsedAsync(new()
        {
            ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = $"{_aws.Server.Address}v1/credentials",
            [variable] = variable.EndsWith("FILE", StringComparison.Ordinal) ? _aws.Write("right", "a-right\n") : "a-right",
        }));
    }

    [TestMethod]
    [DataRow("http://credentials.example/v1")]
    [DataRow("http://169.254.170.2.example/v1")]
    [DataRow("file:///etc/passwd")]
    public async Task A_containers_token_goes_to_no_other_host(string address) =>
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<KeyException>(() => _aws.UsedAsync(new() { ["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = address, ["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = Secret }))).Message, "neither an https address");

    [TestMethod]
    public async Task An_instance_has_a_role_by_version_2_of_its_service()
    {
        _aws.Answer = request => (request.Method, request.Path, request.Headers.GetValueOrDefault("X-aws-ec2-metadata-token")) switch
        {
            ("PUT", "/latest/api/token", null) when request.Headers["X-aws-ec2-metadata-token-ttl-seconds"] == "300" => Text("a-session"),
            ("GET", "/latest/meta-data/iam/security-credentials/", "a-session") => Text("builder\n"),
            ("GET", "/latest/meta-data/iam/security-credentials/builder", "a-session") => Keys("from-instance"),
            _ => new ServerAnswer(401, []),
        };
        Assert.AreEqual(("from-instance", "key-session"), await _aws.UsedAsync(new() { ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = _aws.Server.Address.ToString(), ["AWS_EC2_METADATA_DISABLED"] = "false" }));
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public async Task Without_any_source_all_of_them_are_named(bool serviceIsAnotherClouds)
    {
        var environment = serviceIsAnotherClouds ? new Dictionary<string, string> { ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = _aws.Server.Address.ToString(), ["AWS_EC2_METADATA_DISABLED"] = "false" } : [];
        var message = (await Assert.ThrowsExactlyAsync<KeyException>(() => _aws.UsedAsync(environment))).Message;
        foreach (var source in (string[])["AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_PROFILE"])
        {
            StringAssert.Contains(message, source);
        }
    }

    [TestMethod]
    public async Task A_refusal_of_the_token_service_names_its_code_and_no_secret()
    {
        _aws.Answer = _ => new ServerAnswer(403, Encoding.UTF8.GetBytes("<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"), "text/xml");
        var thrown = await Assert.ThrowsExactlyAsync<KeyException>(() => _aws.UsedAsync(new() { ["AWS_WEB_IDENTITY_TOKEN_FILE"] = _aws.Write("token", Secret), ["AWS_ROLE_ARN"] = "arn" }));
        StringAssert.Contains(thrown.Message, "AccessDenied");
        Assert.DoesNotContain(Secret, thrown.ToString());
    }

    [TestMethod]
    [DataRow("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "XML")]
    [DataRow("not xml", "XML")]
    [DataRow("<a><Credentials><AccessKeyId>a</AccessKeyId></Credentials></a>", "SecretAccessKey")]
    public async Task An_answer_of_the_token_service_that_is_none_is_refused(string answer, string reason)
    {
        _aws.Answer = _ => new ServerAnswer(200, Encoding.UTF8.GetBytes(answer), "text/xml");
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<KeyException>(() => _aws.UsedAsync(new() { ["AWS_WEB_IDENTITY_TOKEN_FILE"] = _aws.Write("token", "t"), ["AWS_ROLE_ARN"] = "arn" }))).Message, reason);
    }

    [TestMethod]
    public async Task A_region_may_come_from_the_profile()
    {
        var environment = _aws.Files("[default]\nregion = ap-south-1\naws_access_key_id = a\naws_secret_access_key = SECRET\n", "");
        environment["AWS_REGION"] = "";
        await _aws.UsedAsync(environment);
        StringAssert.Contains(_aws.Server.Requests.Last().Headers["Authorization"], "/ap-south-1/kms/aws4_request");
    }

    private static ServerAnswer Text(string text) => new(200, Encoding.ASCII.GetBytes(text), "text/plain");

    private static ServerAnswer Keys(string id) => ServerAnswer.Json($$"""{"Code":"Success","AccessKeyId":"{{id}}","SecretAccessKey":"{{Secret}}","Token":"key-session","Expiration":"2030-01-01T00:00:00Z"}""");

    private static ServerAnswer Role(string action, string id) => new(200, Encoding.UTF8.GetBytes(
        $"<{action}Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><{action}Result><Credentials><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>{Secret}</SecretAccessKey><SessionToken>role-session</SessionToken></Credentials></{action}Result></{action}Response>"), "text/xml");
}
