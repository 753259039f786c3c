using ContainerBuildGuard.Sigstore.Tuf;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Trust of a Sigstore instance, and how fresh it is.</summary>
/// <param name="Config">Whom to trust and where to sign.</param>
/// <param name="Source">Where it is from, for people.</param>
/// <param name="UpdatedAt">When it was last fetched; null where it never was: it shipped with this library, or is a file.</param>
public sealed record SigstoreTrust(ClientTrustConfig Config, string Source, DateTimeOffset? UpdatedAt)
{
    /// <summary>Of which day it is where it shipped with this library; null otherwise.</summary>
    public DateOnly? ShippedOf { get; init; }
}

/// <summary>The TUF repository of a Sigstore instance (Sigstore client specification, "Trust root distribution").</summary>
/// <param name="name">A name for the cache and for people: <c>sigstore.dev</c>.</param>
/// <param name="address">The repository's address.</param>
/// <param name="initialRoot">The TUF root that is trusted from the start.</param>
/// <param name="cacheFolder">The user's cache; each instance has a folder of its own in it.</param>
/// <param name="time">The clock.</param>
public sealed class TrustRepository(string name, Uri address, ReadOnlyMemory<byte> initialRoot, string cacheFolder, TimeProvider? time = null)
{
    private const string RootTarget = "trusted_root.json";
    private const string SigningTarget = "signing_config.v0.2.json";
    private readonly TufCache _cache = new(Path.Combine(cacheFolder, "tuf", string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' ? c : '_'))));

    /// <summary>What ships with this library for the instance; null where nothing does.</summary>
    public SigstoreTrust? Shipped { get; private init; }

    /// <summary>The public-good instance.</summary>
    public static TrustRepository PublicGood(string cacheFolder, TimeProvider? time = null) =>
        new("sigstore.dev", new Uri("https://tuf-repo-cdn.sigstore.dev/"), EmbeddedTrust.Read("public-good.root.json"), cacheFolder, time)
        {
            Shipped = new SigstoreTrust(new ClientTrustConfig(EmbeddedTrust.PublicGood, null), "sigstore.dev", null) { ShippedOf = EmbeddedTrust.PublicGoodDate },
        };

    /// <summary>The staging instance, for trying things out.</summary>
    public static TrustRepository Staging(string cacheFolder, TimeProvider? time = null) =>
        new("sigstage.dev", new Uri("https://tuf-repo-cdn.sigstage.dev/"), EmbeddedTrust.Read("staging.root.json"), cacheFolder, time)
        {
            Shipped = new SigstoreTrust(new ClientTrustConfig(EmbeddedTrust.Staging, null), "sigstage.dev", null) { ShippedOf = EmbeddedTrust.StagingDate },
        };

    /// <summary>Brings the trust up to date.</summary>
    /// <exception cref="SigstoreException">The repository cannot be reached, or lies.</exception>
    public async Task<SigstoreTrust> UpdateAsync(HttpClient http, CancellationToken cancellationToken)
    {
        try
        {
            var client = new TufClient(new HttpTufRepository(http, address), _cache, initialRoot, time);
            var root = await client.GetTargetAsync(RootTarget, cancellationToken).ConfigureAwait(false);
            byte[]? signing = null;
            try
            {
                signing = await client.GetTargetAsync(SigningTarget, cancellationToken).ConfigureAwait(false);
            }
            catch (TufException e) when (e.Error == TufError.NotFound)
            {
                // An instance may leave signing to its users' own configuration.
            }

            return Trust(root, signing, (time ?? TimeProvider.System).GetUtcNow());
        }
        catch (TufException e)
        {
            throw new SigstoreException(e.Error == TufError.Unreachable ? SigstoreError.Unreachable : SigstoreError.Untrusted, $"the trust of {name} could not be updated: {e.Message}", e);
        }
    }

    /// <summary>What the last update left; null where there was none. Never touches the network.</summary>
    public SigstoreTrust? ReadCached() => TufClient.ReadCachedTarget(_cache, initialRoot, RootTarget) is { } root
        ? Trust(root, TufClient.ReadCachedTarget(_cache, initialRoot, SigningTarget), _cache.LastUpdate)
        : null;

    private SigstoreTrust Trust(byte[] root, byte[]? signing, DateTimeOffset? updated) =>
        new(new ClientTrustConfig(TrustedRoot.Parse(root), signing is null ? null : SigningConfig.Parse(signing)), name, updated);
}
