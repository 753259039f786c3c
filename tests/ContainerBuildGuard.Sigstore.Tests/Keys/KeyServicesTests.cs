using System.Security.Cryptography;
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
        await using var server = new AnswerServer(request => KeyServers.Azure(request, key));
        using var signer = await OpenAsync($"azurekms://{server.Host}/release", Entra(server));
        await SignsAsync(signer);
        Assert.IsTrue(server.Requests.Skip(1).All(r => r.Headers["Authorization"] == "Bearer a-token"));
    }

    [TestMethod]
    public async Task An_rsa_key_in_azure_key_vault_signs()
    {
        using var key = RSA.Create(2048);
        await using var server = new AnswerServer(request => KeyServers.Azure(request, key));
        using var signer = await OpenAsync($"azurekms://{server.Host}/release/0123", Entra(server));
        await SignsAsync(signer);
        Assert.AreEqual("RS256", KeyServers.AlgorithmOf(server.Requests.Last()));
        await SignsWithPssAsync(signer);
        CollectionAssert.AreEqual(new[] { "PS256", "PS384", "PS512" }, server.Requests.TakeLast(3).Select(KeyServers.AlgorithmOf).ToArray());
    }

    [TestMethod]
    public async Task An_rsa_key_in_aws_kms_signs()
    {
        using var key = RSA.Create(2048);
        await using var server = new AnswerServer(request => KeyServers.Aws(request, key));
        using var signer = await OpenAsync($"awskms://{server.Host}/alias/release", Amazon);
        await SignsAsync(signer);
        Assert.AreEqual("RSASSA_PKCS1_V1_5_SHA_256", KeyServers.AlgorithmOf(server.Requests.Last()));
        await SignsWithPssAsync(signer);
        CollectionAssert.AreEqual(new[] { "RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512" }, server.Requests.TakeLast(3).Select(KeyServers.AlgorithmOf).ToArray());
    }

    [TestMethod]
    public async Task A_key_is_not_asked_to_sign_as_another_kind_does()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var server = new AnswerServer(request => request.Path == "/" ? KeyServers.Aws(request, key) : KeyServers.Azure(request, key));
        foreach (var (reference, environment) in ((string, Dictionary<string, string>)[])[($"awskms://{server.Host}/alias/release", Amazon), ($"azurekms://{server.Host}/release", Entra(server))])
        {
            using var signer = await OpenAsync(reference, environment);
            var asked = server.Requests.Count;
            await Assert.ThrowsExactlyAsync<KeyException>(() => signer.SignAsync(Data, new SignatureAlgorithm(SignatureScheme.RsaPss, HashAlgorithmName.SHA256), TestContext.CancellationToken).AsTask());
            Assert.HasCount(asked, server.Requests);
        }
    }

    [TestMethod]
    [DataRow("awskms://HOST/alias/release")]
    [DataRow("awskms://HOST/arn:aws:kms:eu-central-1:111122223333:key/1234abcd")]
    public async Task A_key_in_aws_kms_signs(string reference)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await using var server = new AnswerServer(request => KeyServers.Aws(request, key));
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

    private Task<ISigner> OpenAsync(string reference, Dictionary<string, string> environment) => KeyServices.OpenAsync(reference, _http, environment.GetValueOrDefault, TestContext.CancellationToken);

    private async Task SignsAsync(ISigner signer)
    {
        var signature = await signer.SignAsync(Data, TestContext.CancellationToken);
        Assert.IsTrue(signer.PublicKey.Verify(Data, signature));
    }

    private async Task SignsWithPssAsync(ISigner signer)
    {
        using var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(signer.PublicKey.SubjectPublicKeyInfo, out _);
        foreach (var hash in (HashAlgorithmName[])[HashAlgorithmName.SHA256, HashAlgorithmName.SHA384, HashAlgorithmName.SHA512])
        {
            var signature = await signer.SignAsync(Data, new SignatureAlgorithm(SignatureScheme.RsaPss, hash), TestContext.CancellationToken);
            Assert.IsTrue(key.VerifyData(Data, signature, hash, RSASignaturePadding.Pss));
        }
    }
}
