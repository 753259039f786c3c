using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing.Pki;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>An image in a small registry, a PKI, a web server for what its certificates name, and a trust policy with stores as the notation program lays them out.</summary>
internal sealed class NotationFixture : IAsyncDisposable
{
    public const string Jws = "application/jose+json";
    public const string Cose = "application/cose";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-notation-");
    private bool _stopped;

    /// <param name="places">Whether certificates name places to ask about revocation.</param>
    /// <param name="hasReferrersApi">Whether the registry has the referrers API.</param>
    public NotationFixture(bool places = false, bool hasReferrersApi = true)
    {
        Web = new AnswerServer(request => Answer(request));
        Base = new TrustFixture(hasReferrersApi);
        Pki = places ? new TestPki(Now.AddMonths(-6), new Uri(Web.Address, "ocsp"), new Uri(Web.Address, "list.crl")) : new TestPki(Now.AddMonths(-6));
        Stamps = new TestPki(Now.AddMonths(-6));
        Signer = Pki.CodeSigner();
        Store("ca", "acme", Pki.Root);
        Store("signingAuthority", "acme-sa", Pki.Root);
        Store("tsa", "stamps", Stamps.Root);
    }

    public DateTimeOffset Now { get; } = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());

    public TrustFixture Base { get; }

    public Descriptor Image => Base.Image;

    public TestPki Pki { get; }

    public TestPki Stamps { get; }

    public X509Certificate2 Signer { get; }

    public AnswerServer Web { get; }

    public Func<ServerRequest, ServerAnswer> Answer { get; set; } = _ => new ServerAnswer(404, []);

    public string StoreFolder => Path.Combine(_folder.FullName, "trust-store");

    public string CacheFolder => Path.Combine(_folder.FullName, "cache");

    public string PolicyFile => Path.Combine(_folder.FullName, "trustpolicy.oci.json");

    public string FileOf(string name, byte[] content)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>A certificate's key and chain in a PKCS#12 file.</summary>
    public string KeyOf(X509Certificate2 signer) => FileOf($"{Guid.NewGuid():n}.p12", Pki.Pkcs12Of(signer));

    public void Store(string type, string name, params X509Certificate2[] certificates)
    {
        var folder = Directory.CreateDirectory(Path.Combine(StoreFolder, "x509", type, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "roots.pem"), string.Join('\n', certificates.Select(c => c.ExportCertificatePem())));
    }

    /// <summary>A policy of one statement that covers the image, changed as the test likes.</summary>
    public NotationTrust Trust(Action<JsonObject>? change = null, NotationOptions? options = null)
    {
        var statement = new JsonObject
        {
            ["name"] = "acme",
            ["registryScopes"] = new JsonArray("*"),
            ["signatureVerification"] = new JsonObject { ["level"] = "strict" },
            ["trustStores"] = new JsonArray("ca:acme", "signingAuthority:acme-sa"),
            ["trustedIdentities"] = new JsonArray("x509.subject: C=US, ST=WA, O=acme"),
        };
        change?.Invoke(statement);
        File.WriteAllText(PolicyFile, new JsonObject { ["version"] = "1.0", ["trustPolicies"] = new JsonArray(statement) }.ToJsonString());
        return NotationTrust.Open(PolicyFile, StoreFolder, Options(options));
    }

    public static Action<JsonObject> WithTimestamps(string? when = null) => statement =>
    {
        statement["trustStores"] = new JsonArray("ca:acme", "tsa:stamps");
        if (when is not null)
        {
            statement["signatureVerification"]!["verifyTimestamp"] = when;
        }
    };

    public static Action<JsonObject> Level(string level, string? overridden = null, string action = "log") => statement =>
    {
        statement["signatureVerification"]!["level"] = level;
        if (overridden is not null)
        {
            statement["signatureVerification"]!["override"] = new JsonObject { [overridden] = action };
        }
    };

    public NotationOptions Options(NotationOptions? options = null) => (options ?? new NotationOptions()) with { CacheFolder = CacheFolder, Time = options?.Time is { } time && time != TimeProvider.System ? time : new FixedTime(Now) };

    /// <summary>A good envelope for the image, to be made a bad one.</summary>
    public ForgedEnvelope Forge(X509Certificate2? signer = null, Descriptor? image = null) =>
        new(Pki.ChainOf(signer ?? Signer), PayloadOf(image ?? Image), Now.AddMinutes(-1));

    /// <summary>The payload, from the specification's words.</summary>
    public static byte[] PayloadOf(Descriptor image) => Encoding.UTF8.GetBytes($$$"""{"targetArtifact":{"mediaType":"{{{image.MediaType}}}","digest":"{{{image.Digest}}}","size":{{{image.Size}}}}}""");

    public TestTimestamp Stamp(DateTimeOffset? time = null, X509Certificate2? stamper = null)
    {
        stamper ??= Stamps.TimeStamper();
        return new TestTimestamp { Signer = stamper, Certificates = [stamper, Stamps.Issuer], Time = time ?? Now.AddMinutes(-1) };
    }

    public async Task<SignatureOutcome> CheckAsync(byte[] envelope, string mediaType, NotationTrust? trust = null)
    {
        using var own = trust is null ? Trust() : null;
        var used = trust ?? own!;
        return await new SignatureCheck(used, used.Select("any/repository")!, Image).RunAsync(new FoundEnvelope(mediaType, envelope, ""), CancellationToken.None);
    }

    /// <summary>Attaches an envelope to the image as a client would.</summary>
    public Task AttachAsync(byte[] envelope, string mediaType, Descriptor? image = null) =>
        new NotationSignatureStore(Base.Client, Base.Registry.Host, TrustFixture.Repository).AddAsync(image ?? Image, mediaType, envelope, Pki.ChainOf(Signer), Now, CancellationToken.None);

    public Task<ImageVerification> VerifyAsync(NotationTrust trust, string tag = "1.0", bool everyPlatform = false) =>
        NotationVerifier.VerifyAsync(Base.Client, ImageReference.Parse($"{Base.Registry.Host}/{TrustFixture.Repository}:{tag}"), trust, everyPlatform, CancellationToken.None);

    /// <summary>From now on nobody listens there.</summary>
    public async Task StopWebAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await Web.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Base.DisposeAsync();
        await StopWebAsync();
        Pki.Dispose();
        Stamps.Dispose();
        _folder.Delete(recursive: true);
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
