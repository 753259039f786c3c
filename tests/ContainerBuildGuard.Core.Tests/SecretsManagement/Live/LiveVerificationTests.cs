using System.Net;
using System.Net.Sockets;
using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Services are asked in their own protocol, at their own address, only when somebody wants it; what they say is in the finding, what they were sent is nowhere.</summary>
[TestClass]
public sealed class LiveVerificationTests
{
    private static readonly Made Made = new(41);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly List<string> _announced = [];

    public required TestContext TestContext { get; set; }

    [TestCleanup]
    public void CleanUp() => _folder.Delete(recursive: true);

    public static IEnumerable<object[]> Services =>
    [
        ["GitHub", WithDigits("ghp_"), 200, "{}", Liveness.Live], ["GitHub", WithDigits("ghp_"), 401, "{}", Liveness.Dead], ["GitHub", WithDigits("ghp_"), 403, "{}", Liveness.Unknown], ["GitHub", WithDigits("ghp_"), 302, "{}", Liveness.Unknown],
        ["Azure DevOps", Made.Fill("{w76}AZDO{w4}"), 200, "{}", Liveness.Live], ["Azure DevOps", Made.Fill("{w76}AZDO{w4}"), 203, "<html>", Liveness.Dead], ["Azure DevOps", Made.Fill("{w76}AZDO{w4}"), 302, "", Liveness.Dead], ["Azure DevOps", Made.Fill("{w76}AZDO{w4}"), 403, "", Liveness.Live], ["Azure DevOps", Made.Fill("{w76}AZDO{w4}"), 503, "", Liveness.Unknown],
        ["npm", WithDigits("npm_"), 200, "{}", Liveness.Live], ["npm", WithDigits("npm_"), 401, "{}", Liveness.Dead], ["npm", WithDigits("npm_"), 429, "{}", Liveness.Unknown],
        ["Slack", Made.Fill("xoxb-{d12}-{d12}-{w24}"), 200, """{"ok":true}""", Liveness.Live], ["Slack", Made.Fill("xoxb-{d12}-{d12}-{w24}"), 200, """{"ok":false,"error":"token_revoked"}""", Liveness.Dead], ["Slack", Made.Fill("xoxb-{d12}-{d12}-{w24}"), 200, """{"ok":false,"error":"ratelimited"}""", Liveness.Unknown], ["Slack", Made.Fill("xoxb-{d12}-{d12}-{w24}"), 200, "not json", Liveness.Unknown],
        ["AWS STS", Made.Fill("AKIA{216}"), 200, "<Arn/>", Liveness.Live], ["AWS STS", Made.Fill("AKIA{216}"), 403, "<Code>InvalidClientTokenId</Code>", Liveness.Dead], ["AWS STS", Made.Fill("AKIA{216}"), 403, "<Code>SignatureDoesNotMatch</Code>", Liveness.Unknown],
    ];

    [TestMethod]
    [DynamicData(nameof(Services))]
    public async Task A_service_says_live_dead_or_neither(string service, string token, int status, string body, Liveness expected)
    {
        var secret = Made.Fill("{b40}");
        await using var server = new AnswerServer(_ => new ServerAnswer(status, Encoding.UTF8.GetBytes(body), Headers: status == 302 ? new Dictionary<string, string> { ["Location"] = "/elsewhere" } : null));
        Write("a.txt", service == "AWS STS" ? $"aws_access_key_id={token}\naws_secret_access_key={secret}\n" : $"token {token}\n");
        var finding = (await ScanAsync(Verification(server.Address))).Single(f => f.Liveness != Liveness.NotAsked);
        Assert.AreEqual(expected, finding.Liveness);
        Assert.AreEqual(expected == Liveness.Live ? Severity.Critical : finding.Rule.DefaultSeverity, finding.Severity);
        Assert.Contains(expected switch { Liveness.Live => "live: 127.0.0.1 accepts it", Liveness.Dead => "dead: 127.0.0.1 does not accept it", _ => "not known whether it is live" }, finding.Message);

        // One question, announced before it was asked; a redirect goes nowhere.
        Assert.HasCount(1, server.Requests);
        Assert.Contains($"sends 1 credential of {service} to 127.0.0.1", _announced.Single());
        Assert.DoesNotContain(token[8..], finding.Message + _announced[0]);
        var request = server.Requests.Single();
        var sent = request.Headers["Authorization"];
        Assert.IsTrue(service switch
        {
            "AWS STS" => sent.StartsWith($"AWS4-HMAC-SHA256 Credential={token}/", StringComparison.Ordinal) && sent.Contains("/us-east-1/sts/aws4_request", StringComparison.Ordinal) && request.Text == "Action=GetCallerIdentity&Version=2011-06-15",
            "Azure DevOps" => sent == $"Basic {Convert.ToBase64String(Encoding.ASCII.GetBytes($":{token}"))}",
            _ => sent == $"Bearer {token}",
        }, sent);
        Assert.DoesNotContain(secret, sent + request.Text + request.Query);
    }

    [TestMethod]
    public async Task Nobody_is_asked_unless_wanted()
    {
        await using var server = new AnswerServer(_ => ServerAnswer.Json("{}"));
        Write("a.txt", WithDigits("ghp_"));
        var findings = (await SecretFolderScan.ScanAsync(_folder.FullName, SecretsOptions.Of(Policy.Default), TestContext.CancellationToken)).Findings;
        Assert.AreEqual(Liveness.NotAsked, findings.Single().Liveness);
        Assert.IsEmpty(server.Requests);
    }

    [TestMethod]
    public async Task Only_what_is_its_own_goes_to_a_service_and_each_once()
    {
        await using var server = new AnswerServer(_ => ServerAnswer.Json("{}"));
        var token = WithDigits("ghp_");
        Write("a.txt", $"{token}\n{Made.Fill("glpat-{w20}")}\nSMTP_PASSWORD={Made.Fill("{w14}")}\nASIA{Made.Fill("{216}")}\nghp_{Made.Fill("{w36}")}\n");
        Write("b.txt", token);
        Write("c.txt", $"# cbg:allow-secret CBG4004 revoked long ago\n{WithDigits("npm_")}\n");
        var findings = await ScanAsync(Verification(server.Address));
        Assert.HasCount(1, server.Requests);
        Assert.HasCount(2, findings.Where(f => f.Liveness == Liveness.Live));
        Assert.IsGreaterThan(2, findings.Count(f => f.Liveness == Liveness.NotAsked));
    }

    [TestMethod]
    public async Task A_service_that_is_not_there_leaves_it_unknown()
    {
        var gone = new AnswerServer(_ => ServerAnswer.Json("{}"));
        await gone.DisposeAsync();
        Write("a.txt", WithDigits("ghp_"));
        var finding = (await ScanAsync(Verification(gone.Address))).Single();
        Assert.AreEqual(Liveness.Unknown, finding.Liveness);
        Assert.Contains("could not be reached", finding.Message);
    }

    [TestMethod]
    public async Task A_service_that_never_answers_leaves_it_unknown()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Write("a.txt", WithDigits("ghp_"));
        var finding = (await ScanAsync(Verification(new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/"), TimeSpan.FromMilliseconds(300)))).Single();
        Assert.AreEqual(Liveness.Unknown, finding.Liveness);
        Assert.Contains("did not answer in time", finding.Message);
    }

    [TestMethod]
    public void A_credential_prints_without_its_value()
    {
        var credential = new LiveCredential(new AwsLive(new Uri("http://127.0.0.1/")), "AKIATOKENTOKEN", "the-secret-part");
        Assert.DoesNotContain("TOKEN", $"{credential} {new SecretMatch("x", Severity.Low, 1, "", 0, 1) { Credential = credential }}");
        Assert.DoesNotContain("secret-part", $"{credential}");
    }

    private static string WithDigits(string prefix) => Made.Fill("{w30}") is var body ? prefix + body + Crc32Tokens.Digits(Encoding.ASCII.GetBytes(body)) : "";

    private LiveVerification Verification(Uri address, TimeSpan? limit = null) =>
        new(_announced.Add, [new GitHubLive(address), new AzureDevOpsLive(address), new NpmLive(address), new SlackLive(address), new AwsLive(address)], limit ?? TimeSpan.FromSeconds(20));

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);

    private async Task<IReadOnlyList<Finding>> ScanAsync(LiveVerification live) =>
        (await SecretFolderScan.ScanAsync(_folder.FullName, SecretsOptions.Of(Policy.Default, live: live), TestContext.CancellationToken)).Findings;
}
