using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>An image in a small registry, its repository at a Notary server, and a trust store of the test's own.</summary>
internal sealed class DctFixture : IAsyncDisposable
{
    public const string Repository = "team/app";
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-dct-");

    private DctFixture()
    {
        Image = Put("one", "1.0");
        Other = Put("two", "2.0");
    }

    public SmallRegistry Registry { get; } = new(hasReferrersApi: true);

    public FakeNotary Notary { get; private set; } = null!;

    public RegistryClient Client { get; } = new(new RegistryClientOptions { FirstPause = TimeSpan.FromMilliseconds(1), Attempts = 2 });

    public Descriptor Image { get; }

    public Descriptor Other { get; }

    public string Store => At("store");

    public string Name => $"{Registry.Host}/{Repository}";

    public DctTrust Trust => new() { Server = Notary.Address, Store = Store };

    /// <param name="releases">Whether the tag is signed in <c>targets/releases</c> and by alice, as docker does, or by the repository's own key.</param>
    public static async Task<DctFixture> CreateAsync(bool releases = false)
    {
        var fixture = new DctFixture();
        fixture.Notary = await FakeNotary.StartAsync(fixture.Name);
        if (releases)
        {
            var alice = NotaryKey.Ecdsa("alice");
            foreach (var role in (string[])["targets/releases", "targets/alice"])
            {
                fixture.Notary.Delegations[role] = new FakeRole(alice);
                fixture.Sign(role, "1.0", fixture.Image);
            }
        }
        else
        {
            fixture.Sign("targets", "1.0", fixture.Image);
        }

        fixture.Notary.Publish();
        return fixture;
    }

    public void Sign(string role, string tag, Descriptor image) => Notary[role].Tags[tag] = Registry.Manifests[image.Digest.ToString()].Bytes;

    public string At(string name) => Path.Combine(_folder.FullName, name);

    public Task<ImageVerification> VerifyAsync(string selector = ":1.0", DctTrust? trust = null) =>
        DctVerifier.VerifyAsync(Client, ImageReference.Parse($"{Name}{selector}"), trust ?? Trust, CancellationToken.None);

    public async Task PassAsync(string selector = ":1.0", DctTrust? trust = null)
    {
        var result = await VerifyAsync(selector, trust);
        Assert.IsTrue(result.Verified, Words(result));
        Assert.AreEqual(Image.Digest, result.Digest);
    }

    /// <summary>It must be refused by the rule, and say why.</summary>
    public async Task RefuseAsync(Rule rule, string why, string selector = ":1.0", DctTrust? trust = null)
    {
        var result = await VerifyAsync(selector, trust);
        Assert.IsFalse(result.Verified);
        Assert.IsEmpty(result.Signatures);
        Assert.AreEqual(rule.Code, result.Failures.Single().Rule.Code, Words(result));
        StringAssert.Contains(Words(result), why);
    }

    /// <summary>It must be an error that is neither yes nor no.</summary>
    public async Task UnknownAsync(string why, DctTrust? trust = null)
    {
        var thrown = await Assert.ThrowsExactlyAsync<GuardException>(() => VerifyAsync(trust: trust));
        Assert.AreEqual(DctRules.Unavailable.Code, thrown.Code);
        Assert.AreEqual(GuardFailure.Environment, thrown.Kind);
        StringAssert.Contains(thrown.Message, why);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Notary.DisposeAsync();
        await Registry.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static string Words(ImageVerification result) => string.Join("; ", result.Failures.Select(f => $"{f.Rule.Code} {f.What}: {string.Join("; ", f.Reasons)}"));

    private Descriptor Put(string content, string tag) => Registry.Put(MediaTypes.OciManifest,
        $$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[],"annotations":{"content":"{{{content}}}"}}""", tag);
}
