using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>A repository's trust data with the connection that it comes over.</summary>
internal sealed class DctSession : IDisposable
{
    private readonly bool _offline;

    private DctSession(DctServer? server, DctRepository repository, string where)
    {
        (Server, Repository, Where) = (server, repository, where);
        _offline = server is null;
    }

    /// <summary>The server; null offline.</summary>
    public DctServer? Server { get; }

    public DctRepository Repository { get; }

    /// <summary>Where the trust data comes from, for people.</summary>
    public string Where { get; }

    /// <exception cref="GuardException">CBG9009 or CBG3035: the settings are wrong, or the store cannot be used.</exception>
    public static DctSession Open(RegistryClientOptions options, ImageReference image, DctTrust trust, bool acceptExpired = false)
    {
        Func<string, string?> environment = Environment.GetEnvironmentVariable;
        var name = $"{image.Registry}/{image.Repository}";
        var address = DctEnvironment.Server(trust.Server, image.Registry, environment);
        var store = new DctStore(name, trust.Store, environment);
        var server = trust.Offline ? null : new DctServer(options, address, image, environment);
        var repository = new DctRepository(name, server, store, trust.Pinning, TimeProvider.System.GetUtcNow()) { AcceptExpired = acceptExpired };
        return new DctSession(server, repository, server is null ? store.Folder : address.Authority);
    }

    public void Dispose() => Server?.Dispose();

    /// <summary>What a refusal of trust data means.</summary>
    /// <exception cref="GuardException">CBG3035: it could not be looked up, which is neither a yes nor a no.</exception>
    public TrustFailure Failure(DctException e, Digest digest) => e.Error switch
    {
        DctError.Unreachable => throw Unavailable(e),
        DctError.Expired when _offline => throw Unavailable(e),
        DctError.NotFound => new TrustFailure(digest, DctRules.NoTrustData, $"{Where} has no Docker Content Trust data of its repository", [e.Message]),
        DctError.Expired => new TrustFailure(digest, DctRules.Expired, "the Docker Content Trust data of its repository has expired", [e.Message, "nobody keeps it up to date, somebody holds newer data back, or this machine's clock is wrong"]),
        _ => new TrustFailure(digest, DctRules.Refused, "the Docker Content Trust data of its repository does not verify", [e.Message]),
    };

    public static GuardException Unavailable(DctException e) => new(DctRules.Unavailable.Code, GuardFailure.Environment, $"Docker Content Trust could not be looked up, so nothing is known of the image's trust: {e.Message}.", e);
}
