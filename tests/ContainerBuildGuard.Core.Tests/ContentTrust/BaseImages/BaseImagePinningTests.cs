using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>What a publish does before it builds: ask once, hold against the policy, hand out the digest.</summary>
[TestClass]
public sealed class BaseImagePinningTests : IAsyncDisposable
{
    private readonly BaseImageFixture _fixture = new();

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [TestMethod]
    public async Task Without_a_policy_one_request_gives_the_digest()
    {
        var digest = await _fixture.PushAsync();
        _fixture.Record();
        var outcome = await _fixture.PinAsync();
        Assert.AreEqual(digest.ToString(), outcome.Digest);
        CollectionAssert.AreEqual(new[] { $"HEAD /v2/{BaseImageFixture.Repository}/manifests/1" }, _fixture.Requests.Where(r => r.Contains("/manifests/", StringComparison.Ordinal)).ToArray(), string.Join('\n', _fixture.Requests));
        Assert.AreEqual(digest.ToString(), BaseImageFacts.Read(_fixture.FactsFile)!.Digest);
    }

    [TestMethod]
    public async Task A_base_that_is_named_by_its_digest_costs_no_request()
    {
        var digest = await _fixture.PushAsync();
        _fixture.Record();
        var outcome = await _fixture.PinAsync(change: r => r with { Digest = digest.ToString() });
        Assert.AreEqual(digest.ToString(), outcome.Digest);
        Assert.IsEmpty(_fixture.Requests);
    }

    [TestMethod]
    [DataRow(404)]
    [DataRow(401)]
    [DataRow(503)]
    public async Task Without_a_policy_a_registry_that_does_not_answer_is_left_to_the_SDK(int status)
    {
        _fixture.Registry.Before = _ => new ServerAnswer(status, []);
        var outcome = await _fixture.PinAsync();
        Assert.AreEqual("", outcome.Digest);
        Assert.Contains("left to the SDK", outcome.Summary);
        Assert.IsEmpty(outcome.Refusing);
        Assert.IsFalse(File.Exists(_fixture.FactsFile));
    }

    [TestMethod]
    public async Task A_name_that_only_the_SDK_understands_is_left_to_it_unless_something_is_asked()
    {
        Assert.Contains("leaves the base image to the SDK", (await _fixture.PinAsync(change: r => r with { Registry = "my_registry:5000" })).Summary);
        var error = await Assert.ThrowsExactlyAsync<GuardException>(() => _fixture.PinAsync("base-images: { max-age: 30d }", r => r with { Registry = "my_registry:5000" }));
        Assert.AreEqual("CBG9009", error.Code);
    }

    [TestMethod]
    [DataRow("base-images: { max-age: 30d }", 404, "CBG9004")]
    [DataRow("base-images: { max-age: 30d }", 403, "CBG9006")]
    [DataRow("base-images: { pin: digest }", 404, "CBG9004")]
    public async Task What_the_policy_asks_about_and_cannot_be_found_out_is_an_error(string policy, int status, string code)
    {
        _fixture.Registry.Before = _ => new ServerAnswer(status, []);
        Assert.AreEqual(code, (await Assert.ThrowsExactlyAsync<GuardException>(() => _fixture.PinAsync(policy))).Code);
    }

    [TestMethod]
    public async Task A_base_that_the_list_does_not_allow_is_not_even_asked_for()
    {
        await _fixture.PushAsync();
        _fixture.Record();
        var outcome = await _fixture.PinAsync("base-images: { allow: ['mcr.microsoft.com/dotnet/*'] }");
        Assert.AreEqual("CBG3010", outcome.Refusing.Single().Code);
        Assert.IsEmpty(_fixture.Requests);
        Assert.Contains("CBG3010", await File.ReadAllTextAsync(_fixture.At("reports/report.json")));
        Assert.IsEmpty((await _fixture.PinAsync($"base-images: {{ allow: ['{_fixture.Registry.Host}/team/*'] }}")).Refusing);
    }

    [TestMethod]
    public async Task A_listed_digest_passes_and_another_does_not()
    {
        var digest = await _fixture.PushAsync();
        Assert.IsEmpty((await _fixture.PinAsync($"base-images: {{ verify: [{{ by: digests, digests: ['{digest}'] }}] }}")).Refusing);
        await _fixture.PushAsync(BaseImageFixture.Build("another"));
        var refused = (await _fixture.PinAsync($"base-images: {{ verify: [{{ by: digests, digests: ['{digest}'] }}] }}")).Refusing.Single();
        Assert.AreEqual("CBG3101", refused.Code);
        Assert.Contains("not on the policy's list", refused.Message);
    }

    [TestMethod]
    public async Task A_base_that_no_entry_covers_is_refused_and_one_that_needs_no_proof_passes()
    {
        await _fixture.PushAsync();
        var refused = (await _fixture.PinAsync("base-images: { verify: [{ by: none, images: ['mcr.microsoft.com/*'] }] }")).Refusing.Single();
        Assert.AreEqual("CBG3101", refused.Code);
        Assert.Contains("no entry", refused.Message);
        Assert.IsEmpty((await _fixture.PinAsync("base-images: { verify: [{ by: none }] }")).Refusing);
    }

    [TestMethod]
    public async Task A_signed_base_passes_and_an_unsigned_one_does_not()
    {
        const string Policy = "base-images: { verify: [{ by: signatures, signed-by: [{ key: key.pub }] }] }";
        await _fixture.PushAsync();
        var refused = (await _fixture.PinAsync(Policy)).Refusing.Single();
        Assert.AreEqual("CBG3101", refused.Code);
        Assert.Contains("it has no signature", refused.Message);
        await _fixture.SignAsync(_fixture.Set.Root);
        Assert.IsEmpty((await _fixture.PinAsync(Policy)).Refusing);
        Assert.AreEqual("signatures", BaseImageFacts.Read(_fixture.FactsFile)!.Verification!.By);
    }

    [TestMethod]
    public async Task With_every_platform_the_images_that_the_build_takes_are_asked_for_and_no_others()
    {
        const string Policy = "base-images: { verify: [{ by: signatures, every-platform: true, signed-by: [{ key: key.pub }] }] }";
        await _fixture.PushAsync();
        await _fixture.SignAsync(_fixture.Set.Root, _fixture.Set.Images[0].Descriptor);
        var refused = (await _fixture.PinAsync(Policy)).Refusing.Single();
        Assert.Contains(_fixture.Set.Images[1].Digest.ToString(), refused.Message);
        Assert.IsEmpty((await _fixture.PinAsync(Policy, r => r with { RuntimeIdentifiers = ["linux-musl-x64"] })).Refusing);
    }

    [TestMethod]
    public async Task A_tag_that_moves_while_the_base_is_looked_at_does_not_change_what_is_verified()
    {
        const string Policy = "base-images: { max-age: 90d, verify: [{ by: signatures, signed-by: [{ key: key.pub }] }] }";
        var verified = await _fixture.PushAsync();
        await _fixture.SignAsync(_fixture.Set.Root);
        var other = BaseImageFixture.Build("the attacker's");
        var asked = 0;
        _fixture.Registry.Before = request =>
        {
            if (request.Path.EndsWith("/manifests/1", StringComparison.Ordinal) && Interlocked.Increment(ref asked) > 1)
            {
                Assert.Fail("The tag was resolved a second time.");
            }

            return null;
        };
        var outcome = await _fixture.PinAsync(Policy);
        _fixture.Registry.Before = _ => null;
        Assert.AreEqual(verified.ToString(), outcome.Digest);
        Assert.AreEqual(1, asked);
        await _fixture.PushAsync(other);
        Assert.AreEqual("CBG3101", (await _fixture.PinAsync(Policy)).Refusing.Single().Code);
    }

    [TestMethod]
    [DataRow("2026-11-01T00:00:00Z", "30d", null)]
    [DataRow("2026-11-01T00:00:00Z", "18d", "was built 19 days ago")]
    [DataRow(null, "18d", "does not say when it was built")]
    [DataRow("last week", "18d", "does not say when it was built")]
    [DataRow("2027-01-01T00:00:00Z", "18d", "in the future")]
    public async Task The_age_counts_from_what_the_image_says(string? created, string most, string? wrong)
    {
        await _fixture.PushAsync(BaseImageFixture.Build("aged", created));
        var refusing = (await _fixture.PinAsync($"base-images: {{ max-age: {most} }}")).Refusing;
        Assert.AreEqual(wrong is null ? null : "CBG3102", refusing.SingleOrDefault()?.Code);
        Assert.Contains(wrong ?? "", refusing.SingleOrDefault()?.Message ?? "");
    }

    [TestMethod]
    public async Task The_policy_may_ask_the_project_for_the_digest()
    {
        var digest = await _fixture.PushAsync();
        var refused = (await _fixture.PinAsync("base-images: { pin: digest }")).Refusing.Single();
        Assert.AreEqual("CBG3103", refused.Code);
        Assert.Contains($"{_fixture.Name}@{digest}", refused.Remedy);
        Assert.IsEmpty((await _fixture.PinAsync("base-images: { pin: digest }", r => r with { Digest = digest.ToString() })).Refusing);
    }

    [TestMethod]
    public async Task A_waiver_and_a_threshold_hold_for_bases_too()
    {
        await _fixture.PushAsync();
        Assert.IsEmpty((await _fixture.PinAsync("base-images: { pin: digest }\nwaivers: [{ code: CBG3103, reason: until the bot runs }]")).Refusing);
        Assert.IsEmpty((await _fixture.PinAsync("base-images: { pin: digest }\nfail-on: critical")).Refusing);
        Assert.HasCount(1, (await _fixture.PinAsync("base-images: { pin: digest }\nfail-on: critical", r => r with { AlsoRefuses = f => f.Code == "CBG3103" })).Refusing);
    }

    [TestMethod]
    public async Task A_base_without_an_image_for_the_platform_is_an_error()
    {
        await _fixture.PushAsync();
        var error = await Assert.ThrowsExactlyAsync<GuardException>(() => _fixture.PinAsync("base-images: { max-age: 90d }", r => r with { RuntimeIdentifiers = ["linux-s390x"] }));
        Assert.AreEqual("CBG9004", error.Code);
        Assert.Contains("linux/s390x", error.Message);
    }

    [TestMethod]
    public async Task A_mirror_that_has_the_base_is_where_the_SDK_gets_it()
    {
        await using var mirror = new SmallRegistry(hasReferrersApi: true);
        var digest = await _fixture.Set.PushAsync(mirror.Host, $"cache/{BaseImageFixture.Repository}", "1");
        var outcome = await _fixture.PinAsync($"registries: [{{ host: '{_fixture.Registry.Host}', mirrors: [{{ location: '{mirror.Host}/cache' }}] }}]");
        Assert.AreEqual((mirror.Host, $"cache/{BaseImageFixture.Repository}", digest.ToString()), (outcome.Registry, outcome.Repository, outcome.Digest));
        Assert.AreEqual(_fixture.Name, BaseImageFacts.Read(_fixture.FactsFile)!.Name);
    }

    [TestMethod]
    public async Task A_blocked_registry_is_an_error_and_not_left_to_the_SDK() =>
        await Assert.ThrowsExactlyAsync<GuardException>(() => _fixture.PinAsync($"registries: [{{ host: '{_fixture.Registry.Host}', blocked: true }}]"));

    [TestMethod]
    public async Task With_content_trust_on_a_tag_that_is_not_signed_is_refused_and_a_digest_needs_no_trust_data()
    {
        var digest = await _fixture.PushAsync();
        var trust = new DctTrust { Server = new Uri($"http://{_fixture.Registry.Host}"), Store = _fixture.At("trust") };
        var refused = (await _fixture.PinAsync(change: r => r with { ContentTrust = trust })).Refusing.Single();
        Assert.AreEqual("CBG3101", refused.Code);
        Assert.Contains("DOCKER_CONTENT_TRUST", refused.Remedy);
        Assert.IsEmpty((await _fixture.PinAsync(change: r => r with { ContentTrust = trust, Digest = digest.ToString() })).Refusing);
    }

    [TestMethod]
    public async Task A_rule_with_content_trust_is_asked_of_the_tag()
    {
        await _fixture.PushAsync();
        var refused = (await _fixture.PinAsync($"base-images: {{ verify: [{{ by: signatures, dct: {{ server: 'http://{_fixture.Registry.Host}' }} }}] }}")).Refusing.Single();
        Assert.AreEqual("CBG3101", refused.Code);
    }

    [TestMethod]
    public async Task Content_trust_that_cannot_be_looked_up_is_an_error_and_not_left_to_the_SDK()
    {
        await _fixture.PushAsync();
        _fixture.Registry.Before = request => request.Path.Contains("_trust", StringComparison.Ordinal) ? new ServerAnswer(503, []) : null;
        var error = await Assert.ThrowsExactlyAsync<GuardException>(() => _fixture.PinAsync(change: r => r with { ContentTrust = new DctTrust { Server = new Uri($"http://{_fixture.Registry.Host}"), Store = _fixture.At("trust") } }));
        Assert.AreEqual("CBG3035", error.Code);
    }
}
