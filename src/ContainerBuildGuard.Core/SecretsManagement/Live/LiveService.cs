using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What a service said of a credential, and in which words a report says so.</summary>
internal readonly record struct LiveAnswer(Findings.Liveness Liveness, string Reason)
{
    public static LiveAnswer Live(string host) => new(Findings.Liveness.Live, $"live: {host} accepts it");

    public static LiveAnswer Dead(string host) => new(Findings.Liveness.Dead, $"dead: {host} does not accept it");

    public static LiveAnswer Unknown(string why) => new(Findings.Liveness.Unknown, $"not known whether it is live: {why}");
}

/// <summary>A service that can be asked whether a credential is live, by a call that changes nothing.</summary>
/// <param name="Name">As it is announced.</param>
/// <param name="Address">The one address that its credentials are sent to.</param>
internal abstract record LiveService(string Name, Uri Address)
{
    /// <summary>The detectors whose finds are its credentials.</summary>
    public abstract IReadOnlyList<string> Detectors { get; }

    /// <summary>The call in words: method and path.</summary>
    public abstract string Call { get; }

    /// <summary>The credential in <paramref name="found"/>; null where it cannot be asked about. <paramref name="around"/> is what stands before and behind.</summary>
    public virtual LiveCredential? Read(string found, ReadOnlySpan<byte> around) => new(this, found);

    public abstract Task<HttpRequestMessage> RequestAsync(LiveCredential credential, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>What the answer says; <paramref name="body"/> is its beginning.</summary>
    public abstract LiveAnswer Judge(int status, string body);

    /// <summary>By status alone: 200 accepts, 401 does not, anything else says neither.</summary>
    protected LiveAnswer ByStatus(int status) => status switch
    {
        200 => LiveAnswer.Live(Address.Host),
        401 => LiveAnswer.Dead(Address.Host),
        _ => LiveAnswer.Unknown($"{Address.Host} answered {status}"),
    };

    protected static HttpRequestMessage With(HttpMethod method, Uri address, string scheme, string credential)
    {
        var request = new HttpRequestMessage(method, address);
        request.Headers.TryAddWithoutValidation("Authorization", $"{scheme} {credential}");
        request.Headers.TryAddWithoutValidation("User-Agent", "ContainerBuildGuard");
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        return request;
    }

    protected static string Base64(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));
}
