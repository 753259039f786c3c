using ContainerBuildGuard.ContentTrust.Notation;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>Bases with signatures of the Notary Project: by a rule's trust policy, and by the trust for Microsoft's images.</summary>
[TestClass]
public sealed class BaseImageNotationTests : IAsyncDisposable
{
    private readonly BaseImageFixture _fixture = new();
    private readonly NotationFixture _notation = new();

    public required TestContext TestContext { get; init; }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        await _notation.DisposeAsync();
    }

    [TestMethod]
    public async Task A_rule_with_a_trust_policy_asks_for_the_index_and_the_images_that_the_build_takes()
    {
        _notation.Trust().Dispose();
        var policy = $"base-images: {{ verify: [{{ by: signatures, every-platform: true, signed-by: [{{ notation: {{ trust-policy: '{_notation.PolicyFile}', trust-store: '{_notation.StoreFolder}' }} }}] }}] }}";
        await _fixture.PushAsync();
        Assert.AreEqual("CBG3101", (await _fixture.PinAsync(policy)).Refusing.Single().Code);
        await SignAsync(_fixture.Set.Root, _fixture.Set.Images[0].Descriptor);
        Assert.Contains(_fixture.Set.Images[1].Digest.ToString(), (await _fixture.PinAsync(policy)).Refusing.Single().Message);
        Assert.IsEmpty((await _fixture.PinAsync(policy, r => r with { RuntimeIdentifiers = ["linux-x64"] })).Refusing);
    }

    [TestMethod]
    public async Task The_trust_for_Microsofts_images_asks_for_the_index_and_the_chosen_images()
    {
        await _fixture.PushAsync();
        await SignAsync(_fixture.Set.Root);
        var lacking = await CollectAsync();
        Assert.HasCount(2, lacking.Verification!.Failures, string.Join('\n', lacking.Verification.Failures));
        await SignAsync([.. _fixture.Set.Images.Select(i => i.Descriptor)]);
        var facts = await CollectAsync();
        Assert.IsEmpty(facts.Verification!.Failures);
        Assert.AreEqual("microsoft", facts.Verification.By);
    }

    [TestMethod]
    public async Task The_trust_that_ships_covers_no_image_that_is_not_Microsofts()
    {
        var sdk = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "sdk"));
        var roots = Directory.Exists(sdk) ? Directory.GetDirectories(sdk).Select(d => Path.Combine(d, "trustedroots", "timestampctl.pem")).FirstOrDefault(File.Exists) : null;
        if (roots is null)
        {
            Assert.Inconclusive("This machine's runtime has no SDK beside it.");
        }

        await _fixture.PushAsync();
        await SignAsync(_fixture.Set.Root);
        var refused = (await _fixture.PinAsync("base-images: { verify: [{ by: microsoft, images: ['*'] }] }", r => r with { TimestampRoots = roots })).Refusing.Single();
        Assert.AreEqual("CBG3101", refused.Code);
    }

    private async Task<BaseImageFacts> CollectAsync()
    {
        using var client = new RegistryClient(new RegistryClientOptions());
        return (await BaseImageCollector.CollectAsync(client, new BaseImageInquiry
        {
            Reference = ImageReference.Parse(_fixture.Name),
            Policy = PolicyLoader.Parse("base-images: { verify: [{ by: microsoft, images: ['*'] }] }", "p.yaml", RuleCatalog.Codes),
            Platforms = [Platform.Parse("linux/amd64"), Platform.Parse("linux/arm64")],
            OpenMicrosoftTrust = _ => _notation.Trust(),
        }, TestContext.CancellationToken))!;
    }

    private async Task SignAsync(params Descriptor[] manifests)
    {
        using var client = new RegistryClient(new RegistryClientOptions());
        using var signing = await NotationSigning.OpenAsync(new NotationSigningOptions { Key = _notation.KeyOf(_notation.Signer), Format = "cose" }, TestContext.CancellationToken);
        await signing.SignAsync(client, _fixture.Registry.Host, BaseImageFixture.Repository, manifests, TestContext.CancellationToken);
    }
}
