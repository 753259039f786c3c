using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Decides which root keys of a repository are believed: certificates for the repository's name that are pinned, or that come from a pinned authority, or the first ones seen.</summary>
/// <param name="repository">The repository's globally unique name, <c>registry/repository</c>.</param>
/// <param name="pinning">What is pinned.</param>
/// <param name="now">The time.</param>
/// <param name="acceptExpired">Whether an expired certificate may be seen for the first time.</param>
internal sealed class DctRootTrust(string repository, DctPinning pinning, DateTimeOffset now, bool acceptExpired)
{
    /// <summary>A root that is signed by its own keys, which are this repository's.</summary>
    /// <param name="envelope">The metadata.</param>
    /// <param name="previous">The root that it follows, whose keys must have signed it too; null where there is none.</param>
    /// <exception cref="DctException">It is not.</exception>
    public DctRoot Read(DctEnvelope envelope, DctRoot? previous)
    {
        var root = DctRoot.Read(envelope);
        previous?.Own.Require(envelope, $"root ({root.Version}), by the keys of root {previous.Version},");
        var named = Named(root);
        if (named.IsEmpty)
        {
            throw new DctException(DctError.NotTrusted, $"the root keys have no certificate for {repository}: the trust data is another repository's");
        }

        new DctRole(named, root.Own.Threshold).Require(envelope, $"root ({root.Version})");
        return root;
    }

    /// <summary>Refuses a root whose keys are not those that are pinned, or that must not be believed for being seen first.</summary>
    /// <returns>Whether it is believed for being pinned; else for being known, or the first.</returns>
    /// <exception cref="DctException">It is not believed.</exception>
    public bool Believe(DctRoot root, bool first)
    {
        var believed = Named(root).Where(k => IsBelieved(k.Value, first)).ToImmutableDictionary();
        if (believed.IsEmpty)
        {
            throw new DctException(DctError.NotTrusted, $"the root key {string.Join(", ", root.Own.Keys.Keys.Order(StringComparer.Ordinal).Select(DctKey.Short))} is none of those that are pinned for {repository}");
        }

        new DctRole(believed, root.Own.Threshold).Require(root.Envelope, $"root ({root.Version}), by the keys that are pinned,");
        return Pinned() is not null || Authority() is not null;
    }

    private ImmutableDictionary<string, DctKey> Named(DctRoot root) => root.Own.Keys.Where(k => k.Value.Certificates is [var leaf, ..] && IsFor(leaf)).ToImmutableDictionary();

    private bool IsBelieved(DctKey key, bool first)
    {
        if (Pinned() is { } pinned)
        {
            return pinned.Contains(key.Id) || pinned.Contains(key.CanonicalId);
        }

        if (Authority() is { } file)
        {
            return ComesFrom(key, file);
        }

        if (!first)
        {
            return true;
        }

        if (pinning.DisableTofu)
        {
            throw new DctException(DctError.NotTrusted, $"{repository} is seen for the first time, no root key is pinned for it, and trust on first use is switched off");
        }

        var leaf = key.Certificates[0];
        return acceptExpired || (leaf.NotBefore.ToUniversalTime() <= now.UtcDateTime && now.UtcDateTime <= leaf.NotAfter.ToUniversalTime()) ? true
            : throw new DctException(DctError.Expired, $"the certificate of the root key {DctKey.Short(key.Id)} was good from {leaf.NotBefore.ToUniversalTime():yyyy-MM-dd} to {leaf.NotAfter.ToUniversalTime():yyyy-MM-dd}, and is seen now for the first time");
    }

    /// <summary>The name itself wins over names with <c>*</c>, of which the longest counts.</summary>
    private ImmutableArray<string>? Pinned() =>
        pinning.Certificates.TryGetValue(repository, out var exact) ? exact
        : pinning.Certificates.Where(c => c.Key.EndsWith('*') && repository.StartsWith(c.Key[..^1], StringComparison.Ordinal)).OrderByDescending(c => c.Key.Length).Select(c => (ImmutableArray<string>?)c.Value).FirstOrDefault();

    private string? Authority() => pinning.Authorities.Where(a => repository.StartsWith(a.Key, StringComparison.Ordinal)).OrderByDescending(a => a.Key.Length).Select(a => a.Value).FirstOrDefault();

    private bool IsFor(X509Certificate2 certificate) =>
        certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is var name && (name == repository || (name.EndsWith('*') && repository.StartsWith(name[..^1], StringComparison.Ordinal)));

    private bool ComesFrom(DctKey key, string file)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, $"The authority '{file}' that is pinned for root keys cannot be read ({e.Message.TrimEnd('.')}): it must be PEM.", e);
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        chain.ChainPolicy.ExtraStore.AddRange(key.Certificates.Skip(1).ToArray());
        return chain.Build(key.Certificates[0]);
    }
}
