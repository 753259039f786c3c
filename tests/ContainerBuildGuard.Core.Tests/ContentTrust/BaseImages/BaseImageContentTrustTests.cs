using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>Bases that Docker Content Trust signs: by the environment's switch and by a rule of the policy.</summary>
[TestClass]
public sealed class BaseImageContentTrustTests : IAsyncDisposable
{
    private readonly BaseImageFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TestMethod]
    public async Task A_signed_tag_is_built_on_and_one_that_was_moved_is_not()
    {
        await _fixture.PushAsync();
        await using var notary = await SignedAsync();
        var trust = new DctTrust { Server = notary.Address, Store = _fixture.At("trust") };
        Assert.IsEmpty((await _fixture.PinAsync(change: r => r with { ContentTrust = trust })).Refusing);
        Assert.AreEqual("DOCKER_CONTENT_TRUST", BaseImageFacts.Read(_fixture.FactsFile)!.Verification!.By);

        await _fixture.PushAsync(BaseImageFixture.Build("moved without signing"));
        var refused = (await _fixture.PinAsync(change: r => r with { ContentTrust = trust })).Refusing.Single();
        Assert.AreEqual("CBG3101", refused.Code);
        Assert.Contains("signed for sha256:", refused.Message);
    }

    [TestMethod]
    public async Task Content_trust_is_asked_beside_what_the_policy_asks()
    {
        const string Policy = "base-images: { verify: [{ by: signatures, signed-by: [{ key: key.pub }] }] }";
        await _fixture.PushAsync();
        await using var notary = await SignedAsync();
        var trust = new DctTrust { Server = notary.Address, Store = _fixture.At("trust") };
        Assert.Contains("it has no signature", (await _fixture.PinAsync(Policy, r => r with { ContentTrust = trust })).Refusing.Single().Message);
        await _fixture.SignAsync(_fixture.Set.Root);
        Assert.IsEmpty((await _fixture.PinAsync(Policy, r => r with { ContentTrust = trust })).Refusing);
        Assert.AreEqual("signatures, DOCKER_CONTENT_TRUST", BaseImageFacts.Read(_fixture.FactsFile)!.Verification!.By);
    }

    private async Task<FakeNotary> SignedAsync()
    {
        var notary = await FakeNotary.StartAsync($"{_fixture.Registry.Host}/{BaseImageFixture.Repository}");
        notary["targets"].Tags["1"] = _fixture.Registry.Manifests[_fixture.Set.Root.Digest.ToString()].Bytes;
        notary.Publish();
        return notary;
    }
}
