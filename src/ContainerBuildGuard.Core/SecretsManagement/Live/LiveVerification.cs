using System.Collections.Concurrent;
using System.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>
/// Asks services whether the credentials that were found are live: off unless somebody asks for it. A credential goes to its own service's one address and nowhere
/// else, redirects are not followed, and what will be sent is announced before anything is.
/// </summary>
public sealed class LiveVerification
{
    private const int Around = 2000;
    private const int MostBody = 64 << 10;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private readonly Action<string> _announce;
    private readonly LiveService[] _services;
    private readonly TimeSpan _limit;
    private readonly ConcurrentDictionary<Finding, LiveCredential> _credentials = new(ReferenceEqualityComparer.Instance);
    private readonly ConcurrentDictionary<LiveCredential, LiveAnswer> _answers = new();

    /// <param name="announce">Is told, one sentence a service, what is about to be sent where.</param>
    public LiveVerification(Action<string> announce)
        : this(announce, Known, Limit)
    {
    }

    /// <summary>For tests: other addresses. There is no option for it, which could be used to carry tokens off.</summary>
    internal LiveVerification(Action<string> announce, LiveService[] services, TimeSpan limit) => (_announce, _services, _limit) = (announce, services, limit);

    private static LiveService[] Known { get; } =
    [
        new GitHubLive(new Uri("https://api.github.com/")), new AzureDevOpsLive(new Uri("https://app.vssps.visualstudio.com/")), new NpmLive(new Uri("https://registry.npmjs.org/")), new SlackLive(new Uri("https://slack.com/")),
        new AwsLive(new Uri("https://sts.us-east-1.amazonaws.com/")),
    ];

    /// <summary>The credential in a match that some service can be asked about; null for any other.</summary>
    internal LiveCredential? Read(string detector, ReadOnlySpan<byte> bytes, Found found)
    {
        var service = found.Doubtful ? null : Array.Find(_services, s => s.Detectors.Contains(detector));
        return service?.Read(Encoding.ASCII.GetString(bytes[found.Start..found.End]), bytes[Math.Max(0, found.Start - Around)..Math.Min(bytes.Length, found.End + Around)]);
    }

    internal void Remember(Finding finding, LiveCredential? credential)
    {
        if (credential is not null && finding.Waiver is null)
        {
            _credentials[finding] = credential;
        }
    }

    /// <summary>The findings, with what their services say. A service that does not answer leaves its credentials unknown.</summary>
    internal async Task<List<Finding>> VerifyAsync(List<Finding> findings, CancellationToken cancellationToken)
    {
        var asked = findings.Select(f => _credentials.GetValueOrDefault(f)).OfType<LiveCredential>().Distinct().Where(c => !_answers.ContainsKey(c)).ToList();
        foreach (var service in asked.GroupBy(c => c.Service))
        {
            _announce($"--verify-live sends {service.Count()} {(service.Count() == 1 ? "credential" : "credentials")} of {service.Key.Name} to {service.Key.Address.Host}: {service.Key.Call}. The service sees the call and may log it.");
        }

        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = _limit }) { Timeout = _limit, MaxResponseContentBufferSize = MostBody };
        await Parallel.ForEachAsync(asked, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = 4 }, async (credential, token) => _answers[credential] = await AskAsync(http, credential, token));
        return findings.ConvertAll(finding => _credentials.TryRemove(finding, out var credential) ? Said(finding, _answers[credential]) : finding);
    }

    private static async Task<LiveAnswer> AskAsync(HttpClient http, LiveCredential credential, CancellationToken cancellationToken)
    {
        var host = credential.Service.Address.Host;
        try
        {
            using var request = await credential.Service.RequestAsync(credential, DateTimeOffset.UtcNow, cancellationToken);
            using var response = await http.SendAsync(request, cancellationToken);
            return credential.Service.Judge((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // Nothing of the exception is passed on: a message may quote a header.
            return LiveAnswer.Unknown(e is OperationCanceledException ? $"{host} did not answer in time" : $"{host} could not be reached");
        }
    }

    private static Finding Said(Finding finding, LiveAnswer answer) => finding with
    {
        Liveness = answer.Liveness,
        Message = $"{finding.Message.TrimEnd('.')}; {answer.Reason}.",
        Severity = answer.Liveness == Liveness.Live ? Severity.Critical : finding.Severity,
    };
}
