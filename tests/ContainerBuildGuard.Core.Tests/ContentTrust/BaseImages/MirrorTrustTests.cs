using ContainerBuildGuard.ContentTrust.Notation;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Publishing;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>A base that comes from a mirror: its signatures are found there or at the registry, whichever has them. They say themselves what they are about, so that it does not matter who hands them out.</summary>
[TestClass]
public sealed class MirrorTrustTests : IAsyncDisposable
{
    private readonly BaseImageFixture _fixture = new();
    private readonly NotationFixture _notation = new();
    private readonly SmallRegistry _mirror = new(hasReferrersApi: false);

    public required TestContext TestContext { get; init; }

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        await _notation.DisposeAsync();
        await _mirror.DisposeAsync();
    }

    [TestMethod]
    [DataRow("bundle", false)]
    [DataRow("bundle", true)]
    [DataRow("legacy", false)]
    [DataRow("legacy", true)]
    [DataRow("notation", false)]
    [DataRow("notation", true)]
    public async Task A_signature_at_either_place_counts(string format, bool atMirror)
    {
        await PushAsync();
        var refused = (await PinAsync(format)).Refusing.Single();
        Assert.AreEqual("CBG3101", refused.Code);
        await SignAsync(format, atMirror ? _mirror.Host : _fixture.Registry.Host);
        var outcome = await PinAsync(format);
        Assert.IsEmpty(outcome.Refusing, outcome.Refusing.FirstOrDefault()?.Message);
        Assert.AreEqual(_mirror.Host, outcome.Registry);
    }

    [TestMethod]
    [DataRow("bundle")]
    [DataRow("notation")]
    public async Task Where_the_registry_is_gone_the_mirrors_signatures_count_and_none_there_is_not_known(string format)
    {
        await PushAsync();
        _fixture.Registry.Before = _ => new ServerAnswer(503, []);
        Assert.AreEqual("CBG9005", (await Assert.ThrowsExactlyAsync<GuardException>(() => PinAsync(format))).Code);
        await SignAsync(format, _mirror.Host);
        var outcome = await PinAsync(format);
        Assert.IsEmpty(outcome.Refusing, outcome.Refusing.FirstOrDefault()?.Message);
    }

    [TestMethod]
    [DataRow("bundle")]
    [DataRow("notation")]
    public async Task A_mirrors_list_is_not_the_whole_where_the_registry_is_gone(string format)
    {
        await PushAsync();
        using var client = new RegistryClient(new RegistryClientOptions());
        var image = _fixture.Set.Root;
        var other = System.Text.Encoding.UTF8.GetBytes($$$"""{"schemaVersion":2,"mediaType":"{{{MediaTypes.OciManifest}}}","artifactType":"application/vnd.test","config":{"mediaType":"{{{MediaTypes.OciEmpty}}}","digest":"{{{Digest.Sha256("{}"u8)}}}","size":2},"layers":[],"subject":{"mediaType":"{{{image.MediaType}}}","digest":"{{{image.Digest}}}","size":{{{image.Size}}}}}""");
        await client.AttachAsync(_mirror.Host, BaseImageFixture.Repository, image.Digest, Descriptor.Of(MediaTypes.OciManifest, other), other, TestContext.CancellationToken);
        Assert.AreEqual("CBG3101", (await PinAsync(format)).Refusing.Single().Code, "everybody was asked");
        _fixture.Registry.Before = _ => new ServerAnswer(503, []);
        Assert.AreEqual("CBG9005", (await Assert.ThrowsExactlyAsync<GuardException>(() => PinAsync(format))).Code, "the signature may be at the registry");
    }

    private async Task PushAsync()
    {
        await _fixture.PushAsync();
        await _fixture.Set.PushAsync(_mirror.Host, BaseImageFixture.Repository, "1", TestContext.CancellationToken);
    }

    private Task<PinOutcome> PinAsync(string format)
    {
        _notation.Trust().Dispose();
        var signer = format == "notation" ? $"notation: {{ trust-policy: '{_notation.PolicyFile}', trust-store: '{_notation.StoreFolder}' }}" : "key: key.pub";
        return _fixture.PinAsync(
            $"registries: [{{ host: '{_fixture.Registry.Host}', mirrors: [{{ location: '{_mirror.Host}' }}] }}]\nbase-images: {{ verify: [{{ by: signatures, signed-by: [{{ {signer} }}] }}] }}",
            r => r with { Tune = o => o with { Attempts = 1 } });
    }

    private async Task SignAsync(string format, string registry)
    {
        if (format != "notation")
        {
            await _fixture.SignAtAsync(registry, format, _fixture.Set.Root);
            return;
        }

        using var client = new RegistryClient(new RegistryClientOptions());
        using var signing = await NotationSigning.OpenAsync(new NotationSigningOptions { Key = _notation.KeyOf(_notation.Signer) }, TestContext.CancellationToken);
        await signing.SignAsync(client, registry, BaseImageFixture.Repository, [_fixture.Set.Root], TestContext.CancellationToken);
    }
}
