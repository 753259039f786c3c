using System.Collections.Immutable;
using System.Net;

namespace ContainerBuildGuard.Policies;

/// <summary>What Docker Content Trust (Notary v1) must say about an image's tag, and whom to believe.</summary>
public sealed record DctTrust
{
    /// <summary>The Notary server; null for that of <c>DOCKER_CONTENT_TRUST_SERVER</c>, else the registry's own.</summary>
    public Uri? Server { get; init; }

    /// <summary>Signers (delegations <c>targets/NAME</c>) who must all have signed the tag for the same digest; none for the repository's keys alone.</summary>
    public ImmutableArray<string> Signers { get; init; } = [];

    /// <summary>Which root keys are believed.</summary>
    public DctPinning Pinning { get; init; } = DctPinning.None;

    /// <summary>Leaves the network alone: only trust data of this machine counts, as long as it has not expired.</summary>
    public bool Offline { get; init; }

    /// <summary>The folder that keeps trust data; null for the user's own.</summary>
    public string? Store { get; init; }

    /// <summary>Whether the text can be a Notary server's address: <c>https</c>, or <c>http</c> on this machine.</summary>
    public static bool IsServer(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 }
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (uri.DnsSafeHost == "localhost" || (IPAddress.TryParse(uri.DnsSafeHost, out var address) && IPAddress.IsLoopback(address)))));
}

/// <summary>Root keys that are known beforehand, in the terms of Notary's <c>trust_pinning</c>.</summary>
public sealed record DctPinning
{
    /// <summary>Nothing is pinned: the first root key that is seen is believed from then on.</summary>
    public static DctPinning None { get; } = new();

    /// <summary>Identities of root keys by repository (<c>registry/repository</c>); a name may end in <c>*</c>.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Certificates { get; init; } = ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>PEM files of authorities that issue root keys' certificates, by the beginning of the repository's name.</summary>
    public ImmutableDictionary<string, string> Authorities { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Whether a repository that nothing is pinned for is refused when it is seen for the first time.</summary>
    public bool DisableTofu { get; init; }

    /// <summary>Both together; the other wins where they pin the same name.</summary>
    public DctPinning With(DctPinning other) => new()
    {
        Certificates = Certificates.SetItems(other.Certificates),
        Authorities = Authorities.SetItems(other.Authorities),
        DisableTofu = DisableTofu || other.DisableTofu,
    };
}
