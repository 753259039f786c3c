using System.Collections.Immutable;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A service to sign with.</summary>
/// <param name="Url">Its base URL; for timestamp authorities the whole URL.</param>
/// <param name="MajorApiVersion">The version of its API.</param>
/// <param name="ValidFor">When it may be used.</param>
/// <param name="Operator">Who runs it: two services of one operator count once.</param>
public sealed record SigstoreService(Uri Url, int MajorApiVersion, ValidityPeriod ValidFor, string Operator);

/// <summary>How many services of a kind to use.</summary>
public enum ServiceSelector
{
    /// <summary>One.</summary>
    Any,

    /// <summary>Every one.</summary>
    All,

    /// <summary>As many as the configuration says.</summary>
    Exact,
}

/// <summary>Where to sign (<c>sigstore_trustroot.proto</c>, SigningConfig v0.2).</summary>
public sealed record SigningConfig
{
    /// <summary>Certificate authorities.</summary>
    public ImmutableArray<SigstoreService> CertificateAuthorities { get; init; } = [];

    /// <summary>OpenID Connect providers.</summary>
    public ImmutableArray<SigstoreService> IdentityProviders { get; init; } = [];

    /// <summary>Transparency logs.</summary>
    public ImmutableArray<SigstoreService> TransparencyLogs { get; init; } = [];

    /// <summary>How many logs.</summary>
    public (ServiceSelector Selector, int Count) TransparencyLogSelection { get; init; } = (ServiceSelector.Any, 1);

    /// <summary>Timestamp authorities.</summary>
    public ImmutableArray<SigstoreService> TimestampAuthorities { get; init; } = [];

    /// <summary>How many timestamp authorities.</summary>
    public (ServiceSelector Selector, int Count) TimestampSelection { get; init; } = (ServiceSelector.Any, 1);

    /// <summary>Reads a signing configuration, or the one inside a ClientTrustConfig.</summary>
    /// <exception cref="SigstoreException">Not such a document.</exception>
    public static SigningConfig Parse(ReadOnlyMemory<byte> json)
    {
        using var document = ProtoMessage.Parse(json, TrustedRoot.MaxBytes, "the signing configuration");
        var root = ProtoMessage.Root(document);
        return Read(ClientTrustConfig.IsMediaType(root.Text("mediaType")) ? root.Required("signingConfig") : root);
    }

    /// <summary>The services to use at <paramref name="now"/>: of each operator the newest of the highest version up to <paramref name="highestVersion"/>.</summary>
    /// <exception cref="SigstoreException">Fewer than the configuration asks for.</exception>
    public static ImmutableArray<SigstoreService> Select(ImmutableArray<SigstoreService> services, (ServiceSelector Selector, int Count) selection, int highestVersion, DateTimeOffset now)
    {
        ImmutableArray<SigstoreService> usable =
        [
            .. services.Where(s => s.MajorApiVersion >= 1 && s.MajorApiVersion <= highestVersion && s.ValidFor.Contains(now))
                .GroupBy(s => s.Operator)
                .Select(g => g.OrderByDescending(s => s.MajorApiVersion).ThenByDescending(s => s.ValidFor.Start).First()),
        ];
        var wanted = selection.Selector switch
        {
            ServiceSelector.All => usable.Length,
            ServiceSelector.Exact => selection.Count,
            _ => 1,
        };
        return usable.Length >= wanted && wanted > 0
            ? usable[..wanted]
            : throw new SigstoreException(SigstoreError.Unsupported, $"the signing configuration has {usable.Length} usable services of a kind where {Math.Max(wanted, 1)} are needed");
    }

    internal static SigningConfig Read(ProtoMessage root)
    {
        if (root.Text("mediaType") is not "application/vnd.dev.sigstore.signingconfig.v0.2+json")
        {
            throw new SigstoreException(SigstoreError.Unsupported, $"the signing configuration's media type '{root.Text("mediaType")}' is not version 0.2");
        }

        return new SigningConfig
        {
            CertificateAuthorities = Services(root, "caUrls"),
            IdentityProviders = Services(root, "oidcUrls"),
            TransparencyLogs = Services(root, "rekorTlogUrls"),
            TransparencyLogSelection = Selection(root.Message("rekorTlogConfig")),
            TimestampAuthorities = Services(root, "tsaUrls"),
            TimestampSelection = Selection(root.Message("tsaConfig")),
        };
    }

    private static ImmutableArray<SigstoreService> Services(ProtoMessage root, string field) => [.. root.Messages(field).Select(Service)];

    private static SigstoreService Service(ProtoMessage service)
    {
        var period = service.Required("validFor");
        return new SigstoreService(
            Uri.TryCreate(service.RequiredText("url"), UriKind.Absolute, out var url) && (url.Scheme == "https" || (url.Scheme == "http" && url.IsLoopback))
                ? url
                : throw ProtoMessage.Malformed($"'{service.Text("url")}' in the signing configuration is not an https URL"),
            (int)Math.Min(service.Integer("majorApiVersion"), int.MaxValue),
            new ValidityPeriod(period.Time("start") ?? throw ProtoMessage.Malformed("a validFor of the signing configuration has no start"), period.Time("end")),
            service.Text("operator") ?? "");
    }

    private static (ServiceSelector Selector, int Count) Selection(ProtoMessage? configuration) => configuration?.EnumName("selector") switch
    {
        null or "ANY" or "SERVICE_SELECTOR_UNDEFINED" => (ServiceSelector.Any, 1),
        "ALL" => (ServiceSelector.All, 0),
        "EXACT" => (ServiceSelector.Exact, (int)Math.Clamp(configuration!.Value.Integer("count"), 1, 100)),
        var other => throw new SigstoreException(SigstoreError.Unsupported, $"the signing configuration's selector '{other}' is not known"),
    };
}
