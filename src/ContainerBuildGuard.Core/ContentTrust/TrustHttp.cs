namespace ContainerBuildGuard.ContentTrust;

/// <summary>The HTTP client for services of trust. It follows no redirect: a token goes to the host that it is meant for, or nowhere.</summary>
internal static class TrustHttp
{
    public static HttpClient Create(TimeSpan timeout) => new(new SocketsHttpHandler { AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(15) }) { Timeout = timeout };
}
