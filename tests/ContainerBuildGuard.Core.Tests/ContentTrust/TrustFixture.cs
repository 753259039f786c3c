using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>An image in a small registry, keys, and a rule that trusts them.</summary>
internal sealed class TrustFixture : IAsyncDisposable
{
    public const string Repository = "team/app";
    private const string Config = """{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}""";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-trust-");
    private readonly List<SigningKey> _keys = [];

    public TrustFixture(bool hasReferrersApi = true)
    {
        Registry = new SmallRegistry(hasReferrersApi);
        Image = Registry.Put(MediaTypes.OciManifest, $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","config":{{{Config}}},"layers":[]}""", "1.0");
        Other = Registry.Put(MediaTypes.OciManifest, $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","config":{{{Config}}},"layers":[],"annotations":{"other":"yes"}}""", "other");
        Index = Registry.Put(MediaTypes.OciIndex, $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciIndex}}}","manifests":[{{{Listed(Image, "amd64")}}},{{{Listed(Other, "arm64")}}}]}""", "multi");
        Signer = NewSigner();
    }

    public SmallRegistry Registry { get; }

    public RegistryClient Client { get; } = new(new RegistryClientOptions { FirstPause = TimeSpan.FromMilliseconds(1) });

    public Descriptor Image { get; }

    public Descriptor Other { get; }

    public Descriptor Index { get; }

    public BundleSigner Signer { get; }

    /// <summary>Another signer; its public key goes to a file that <see cref="PublicKey"/> names.</summary>
    public BundleSigner NewSigner()
    {
        var key = SigningKey.Generate();
        _keys.Add(key);
        File.WriteAllText(Path.Combine(_folder.FullName, $"{_keys.Count}.pub"), key.PublicKey.Pem);
        return new BundleSigner(SigningCredential.FromKey(key, $"{_keys.Count}.pub"), SigningServices.None, null, new HttpClient());
    }

    public string PublicKey(BundleSigner signer) => Path.Combine(_folder.FullName, signer.Name);

    public TrustRule Rule(params BundleSigner[] signers) => new() { Signers = [.. signers.Select(s => new TrustedSigner { Key = PublicKey(s) })] };

    public Task SignAsync(Descriptor manifest, BundleSigner? signer = null, params string[] formats) =>
        ImageSigner.SignAsync(Client, Registry.Host, Repository, [manifest], signer ?? Signer, formats.Length == 0 ? ["bundle"] : formats, CancellationToken.None);

    public async Task<ImageVerification> VerifyAsync(string tag = "1.0", TrustRule? rule = null, params string[] formats)
    {
        rule ??= Rule(Signer);
        var signers = await TrustedSigners.OpenAsync(rule.Signers, null, offline: true, CancellationToken.None);
        return await ImageVerifier.VerifyAsync(Client, ImageReference.Parse($"{Registry.Host}/{Repository}:{tag}"), rule, signers, formats.Length == 0 ? ["bundle", "legacy"] : formats, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _keys.ForEach(k => k.Dispose());
        _folder.Delete(recursive: true);
        await Registry.DisposeAsync();
    }

    private static string Listed(Descriptor d, string architecture) =>
        $$$"""{"mediaType":"{{{d.MediaType}}}","digest":"{{{d.Digest}}}","size":{{{d.Size}}},"platform":{"os":"linux","architecture":"{{{architecture}}}"}}""";
}
