using System.Security.Cryptography;

using System.Text.Json.Nodes;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Keys in services, against servers on loopback that hold a real key and check what they are sent.</summary>
[TestClass]
public sealed class KeyServicesTests : IDisposable
{
    private const string Secret = "made-up-secret-of-a-test";
    private static readonly byte[] Data = "what is signed"u8.ToArray();
    private readonly HttpClient _http = new();

    public required TestContext TestContext { get; init; }

    public void Dispose() => _http.Dispose();

    [TestMethod]
    [DataRow("nistP256")]
    [DataRow("nistP384")]
    public async Task A_key_in_azure_key_vault_signs(string curve)
    {
        using var key = ECDsa.Create(ECCurve.CreateFromFriendlyName(curve));
        AnswerServer? server = null;
        server = new AnswerServer(request => Azure(request, server!.Host, key, null));
        await using var _ = server;
        using var signer = await OpenAsync($"azurekms://{server.Host}/release", Entra(server));
        await SignsAsync(signer);
        Assert.IsTrue(server.Requests.Skip(1).All(r => r.Headers["Authorization"] == "Bearer a-token"));
    }

    [TestMethod]
    public async Task An_rsa_key_in_azure_key_vault_signs()
    {
        using var key = RSA.Create(2048);
        AnswerServer? server = null;
        server = new AnswerServer(request => Azure(request, server!.Host, null, key));
        await using var _ = server;
        using var signer = await OpenAsync($"azurekms://{server.Host}/release/0123", Entra(server));
        await SignsAsync(signer);
    }

    [TestMethod]
    [DataRow("awskms://HOST/alias/release")]
    [DataRow("awskms://HOST/arn:aws:kms:eu-central-1:111122223333:key/1234abcd")]
    public async Task A_key_in_aws_kms_signs(string reference)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var server = new AnswerServer(request => Aws(request, key));
        using var signer = await OpenAsync(reference.Replace("HOST", server.Host, StringComparison.Ordinal), Amazon);
        await SignsAsync(signer);
        Assert.IsTrue(server.Requests.All(r => r.Headers["Authorization"].StartsWith("AWS4-HMAC-SHA256 Credential=made-up-id/", StringComparison.Ordinal)));
    }

    /// <summary>The example that AWS's documentation of Signature Version 4 works through.</summary>
    [TestMethod]
    public async Task Requests_to_aws_are_signed_as_its_documentation_shows()
    {
        var signer = new AwsRequestSigner("AKID" + "EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPx" + "RfiCYEXAMPLEKEY", null, "us-east-1", "iam");
        using var request = new HttpRequestMessage(HttpMethod.Get, "https://iam.amazonaws.com/?Action=ListUsers&Version=2010-05-08") { Content = new ByteArrayContent([]) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
        await signer.SignAsync(request, new DateTimeOffset(2015, 8, 30, 12, 36, 0, TimeSpan.Zero), TestContext.CancellationToken);
        StringAssert.EndsWith(request.Headers.Authorization!.ToString(), "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
    }

    [TestMethod]
    [DataRow("awskms://nowhere")]
    [DataRow("awskms:///")]
    [DataRow("azurekms://vault")]
    [DataRow("azurekms://vault/../key")]
    [DataRow("azurekms://user@host:1/key/v/more")]
    public async Task A_wrong_reference_is_refused_before_anything_is_sent(string reference) =>
        await Assert.ThrowsExactlyAsync<KeyException>(() => OpenAsync(reference, Amazon));

    [TestMethod]
    public async Task A_refusal_names_the_services_code_and_no_secret()
    {
        await using var server = new AnswerServer(_ => ServerAnswer.Json("""{"__type":"AccessDeniedException","message":"no"}""", 400));
        var thrown = await Assert.ThrowsExactlyAsync<KeyException>(() => OpenAsync($"awskms://{server.Host}/alias/release", Amazon));
        StringAssert.Contains(thrown.Message, "AccessDeniedException");
        Assert.DoesNotContain(Secret, thrown.ToString());
    }

    private static Dictionary<string, string> Amazon => new() { ["AWS_ACCESS_KEY_ID"] = "made-up-id", ["AWS_SECRET_ACCESS_KEY"] = Secret, ["AWS_REGION"] = "eu-central-1" };

    private static Dictionary<string, string> Entra(AnswerServer server) => new()
    {
        ["AZURE_TENANT_ID"] = "tenant",
        ["AZURE_CLIENT_ID"] = "client",
        ["AZURE_CLIENT_SECRET"] = Secret,
        ["AZURE_AUTHORITY_HOST"] = server.Address.ToString(),
    };

    private static ServerAnswer Azure(ServerRequest request, string host, ECDsa? ecdsa, RSA? rsa)
    {
        if (request.Path == "/tenant/oauth2/v2.0/token")
        {
            return request.Text.Contains("client_secret=", StringComparison.Ordinal)
                ? ServerAnswer.Json("""{"token_type":"Bearer","access_token":"a-token"}""")
                : ServerAnswer.Json("""{"error":"invalid_client"}""", 401);
        }

        if (request.Headers.GetValueOrDefault("Authorization") != "Bearer a-token" || request.Query != "?api-version=7.4")
        {
            return ServerAnswer.Json("""{"error":{"code":"Unauthorized"}}""", 401);
        }

        if (request.Method == "GET")
        {
            var key = new JsonObject { ["kid"] = $"http://{host}/keys/release/0123", ["kty"] = ecdsa is null ? "RSA" : "EC-HSM" };
            if (ecdsa?.ExportParameters(false) is { } point)
            {
                (key["crv"], key["x"], key["y"]) = ($"P-{ecdsa.KeySize}", Base64.Url(point.Q.X), Base64.Url(point.Q.Y));
            }
            else
            {
                var parameters = rsa!.ExportParameters(false);
                (key["n"], key["e"]) = (Base64.Url(parameters.Modulus), Base64.Url(parameters.Exponent));
            }

            return ServerAnswer.Json(new JsonObject { ["key"] = key }.ToJsonString());
        }

        var body = JsonNode.Parse(request.Text)!;
        Assert.AreEqual("/keys/release/0123/sign", request.Path);
        Base64.TryDecode((string)body["value"]!, out var digest);
        Assert.AreEqual(ecdsa is null ? "RS256" : $"ES{ecdsa.KeySize}", (string?)body["alg"]);
        var signature = ecdsa?.SignHash(digest, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) ?? rsa!.SignHash(digest, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return ServerAnswer.Json(new JsonObject { ["kid"] = "…", ["value"] = Base64.Url(signature) }.ToJsonString());
    }

    private static ServerAnswer Aws(ServerRequest request, ECDsa key)
    {
        var body = JsonNode.Parse(request.Text)!;
        switch (request.Headers["X-Amz-Target"])
        {
            case "TrentService.GetPublicKey":
                return ServerAnswer.Json(new JsonObject { ["PublicKey"] = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()) }.ToJsonString());
            case "TrentService.Sign" when (string?)body["MessageType"] == "DIGEST" && (string?)body["SigningAlgorithm"] == "ECDSA_SHA_256":
                var signature = key.SignHash(Convert.FromBase64String((string)body["Message"]!), DSASignatureFormat.Rfc3279DerSequence);
                return ServerAnswer.Json(new JsonObject { ["Signature"] = Convert.ToBase64String(signature) }.ToJsonString());
            default:
                return ServerAnswer.Json("""{"__type":"ValidationException"}""", 400);
        }
    }

    private Task<ISigner> OpenAsync(string reference, Dictionary<string, string> environment) => KeyServices.OpenAsync(reference, _http, environment.GetValueOrDefault, TestContext.CancellationToken);

    private async Task SignsAsync(ISigner signer)
    {
        var signature = await signer.SignAsync(Data, TestContext.CancellationToken);
        Assert.IsTrue(signer.PublicKey.Verify(Data, signature));
    }
}
