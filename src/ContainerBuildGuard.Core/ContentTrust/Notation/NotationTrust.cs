using System.Collections.Concurrent;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>How revocation is asked.</summary>
public enum RevocationMode
{
    /// <summary>By OCSP, else by revocation lists; answers are kept as long as they say that they are good for.</summary>
    Online,

    /// <summary>By the answers that were kept; a certificate without one could not be checked.</summary>
    Cached,

    /// <summary>Not at all, which the verification's notes say.</summary>
    Off,
}

/// <summary>What surrounds a verification.</summary>
public sealed record NotationOptions
{
    public RevocationMode Revocation { get; init; } = RevocationMode.Online;

    /// <summary>Where answers about revocation are kept; null for a folder of the user's local application data.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>How long a responder or list may take to begin, and again to end.</summary>
    public TimeSpan RevocationTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock that certificates, expiry and revocation are held against.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Whom to trust by the Notary Project's rules: a trust policy with its trust stores, opened once for any number of images.</summary>
public sealed class NotationTrust : IDisposable
{
    private static readonly string[] PolicyFiles = ["trustpolicy.oci.json", "trustpolicy.json"];
    private readonly TrustPolicyDocument _policy;
    private readonly Func<StoreName, TrustAnchors> _load;
    private readonly ConcurrentDictionary<StoreName, TrustAnchors> _stores = new();

    internal NotationTrust(TrustPolicyDocument policy, Func<StoreName, TrustAnchors> load, string name, NotationOptions options)
    {
        (_policy, _load, Name, Options) = (policy, load, name, options);
        Revocation = new RevocationChecker(options);
    }

    /// <summary>The policy, for people.</summary>
    public string Name { get; }

    internal NotationOptions Options { get; }

    internal RevocationChecker Revocation { get; }

    /// <summary>Opens a trust policy document and a trust store folder (the one that holds <c>x509</c>).</summary>
    /// <exception cref="GuardException">CBG3007: the policy cannot be read or is not valid. A store that cannot be used is said when it is needed.</exception>
    public static NotationTrust Open(string policyFile, string trustStoreFolder, NotationOptions? options = null) =>
        new(TrustPolicyReader.ReadFile(policyFile), store => TrustStore.Load(trustStoreFolder, store), policyFile, options ?? new NotationOptions());

    /// <summary>Opens what a signer of the guard's policy names, or says itself.</summary>
    /// <exception cref="GuardException">CBG3007: it cannot be read or is not valid. A store that cannot be used is said when it is needed.</exception>
    public static NotationTrust Open(NotationSigner signer, NotationOptions options) =>
        signer.Statement is { } statement ? WrittenTrust.Open(statement, options) : Open(signer.TrustPolicy!, signer.TrustStore ?? Path.Combine(UserFolder, "trust-store"), options);

    /// <summary>Opens what the user set up for the notation program.</summary>
    /// <exception cref="GuardException">CBG3007: there is no policy, or it is not valid.</exception>
    public static NotationTrust OpenUsers(NotationOptions? options = null)
    {
        var folder = UserFolder;
        var policy = PolicyFiles.Select(f => Path.Combine(folder, f)).FirstOrDefault(File.Exists)
            ?? throw new GuardException(ContentTrustRules.TrustUnavailable.Code, GuardFailure.Input, $"There is no trust policy in '{folder}' (trustpolicy.oci.json or trustpolicy.json): set one up as for the notation program, or name one with --notation-trust-policy.");
        return Open(policy, Path.Combine(folder, "trust-store"), options);
    }

    /// <summary>The ready trust for the .NET images of <c>mcr.microsoft.com/dotnet</c>: Microsoft's supply-chain root by its fingerprint, the publisher's subject, strict.</summary>
    /// <param name="timestampRootsFile">A PEM file that has the root of Microsoft's timestamp authority: the .NET SDK's <c>sdk/VERSION/trustedroots/timestampctl.pem</c>.</param>
    /// <param name="options">What surrounds the verification.</param>
    /// <exception cref="GuardException">CBG3007: the file cannot be read or lacks the root.</exception>
    public static NotationTrust Microsoft(string timestampRootsFile, NotationOptions? options = null) => MicrosoftTrust.Open(timestampRootsFile, options ?? new NotationOptions());

    /// <summary>The folder that the notation program keeps its configuration in.</summary>
    public static string UserFolder =>
        OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "notation")
        : OperatingSystem.IsMacOS() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), "Library", "Application Support", "notation")
        : Path.Combine(Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { Length: > 0 } named ? named : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".config"), "notation");

    public void Dispose() => Revocation.Dispose();

    internal TrustPolicyStatement? Select(string repository) => _policy.Select(repository);

    /// <summary>The anchors of the statement's stores of one type.</summary>
    /// <exception cref="GuardException">CBG3007: a store cannot be used.</exception>
    internal TrustAnchors Anchors(TrustPolicyStatement statement, StoreType type) =>
        statement.Stores.Where(s => s.Type == type).Select(s => _stores.GetOrAdd(s, _load)).Aggregate(TrustAnchors.None, (all, more) => all.Add(more));
}
