using System.Security.Cryptography;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A user's AWS files in a folder of its own, and a server that is the key's service and whatever else a test makes of it.</summary>
internal sealed class AwsFixture : IDisposable
{
    public const string Secret = "made-up-secret-of-a-test";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-aws-");
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false });
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private AnswerServer? _server;

    /// <summary>What the server answers beside the key's service; null for 404.</summary>
    public Func<ServerRequest, ServerAnswer?> Answer { get; set; } = _ => null;

    public AnswerServer Server => _server ??= new AnswerServer(request =>
        request.Headers.ContainsKey("X-Amz-Target") ? ServerAnswer.Json($$"""{"PublicKey":"{{Convert.ToBase64String(_key.ExportSubjectPublicKeyInfo())}}"}""") : Answer(request) ?? new ServerAnswer(404, []));

    public void Dispose()
    {
        _server?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _http.Dispose();
        _key.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>The access key and the session that signed the request to the key's service.</summary>
    public async Task<(string AccessKey, string? Session)> UsedAsync(Dictionary<string, string> variables)
    {
        var environment = new Dictionary<string, string>
        {
            ["AWS_REGION"] = "eu-central-1",
            ["HOME"] = _folder.FullName,
            ["AWS_EC2_METADATA_DISABLED"] = "true",
            ["AWS_ENDPOINT_URL_STS"] = $"{Server.Address}sts",
            ["AWS_ENDPOINT_URL_SSO"] = Server.Address.ToString(),
        };
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        using var signer = await KeyServices.OpenAsync($"awskms://{Server.Host}/alias/release", _http, environment.GetValueOrDefault, CancellationToken.None);
        var headers = Server.Requests.Last().Headers;
        return (headers["Authorization"].Split("Credential=")[1].Split('/')[0], headers.GetValueOrDefault("X-Amz-Security-Token"));
    }

    /// <summary>The two shared files, in which SECRET stands for the secret.</summary>
    public Dictionary<string, string> Files(string config, string credentials) => new()
    {
        ["AWS_CONFIG_FILE"] = Write("config", config.Replace("SECRET", Secret, StringComparison.Ordinal)),
        ["AWS_SHARED_CREDENTIALS_FILE"] = Write("credentials", credentials.Replace("SECRET", Secret, StringComparison.Ordinal)),
    };

    public string At(string name) => Path.Combine(_folder.FullName, name);

    public string Write(string name, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(At(name))!);
        File.WriteAllText(At(name), content);
        return At(name);
    }
}
