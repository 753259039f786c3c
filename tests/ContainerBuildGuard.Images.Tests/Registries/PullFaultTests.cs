using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Registries;

/// <summary>Whatever goes wrong on the way, a pull gives the whole right image or a clear error.</summary>
[TestClass]
public sealed class PullFaultTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [DataRow("/manifests/1.0", FaultKind.Status)]
    [DataRow("/manifests/1.0", FaultKind.Reset)]
    [DataRow("/manifests/1.0", FaultKind.Truncate)]
    [DataRow("/manifests/1.0", FaultKind.LoseAnswer)]
    [DataRow("/blobs/", FaultKind.Status)]
    [DataRow("/blobs/", FaultKind.Reset)]
    [DataRow("/blobs/", FaultKind.Truncate)]
    [DataRow("/blobs/", FaultKind.LoseAnswer)]
    public async Task What_passes_is_waited_out(string path, FaultKind kind)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        fixture.Faults.Add(new Fault("GET", path, kind) { Times = 3 });
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
        Assert.AreEqual(3, fixture.Faults.Happened);
        Assert.HasCount(3, fixture.Time.Pauses);
    }

    [TestMethod]
    [DataRow("/manifests/1.0", FaultKind.Status)]
    [DataRow("/manifests/1.0", FaultKind.Reset)]
    [DataRow("/manifests/1.0", FaultKind.Truncate)]
    [DataRow("/blobs/", FaultKind.Status)]
    [DataRow("/blobs/", FaultKind.Reset)]
    public async Task What_stays_is_said_to_be_unreachable(string path, FaultKind kind)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        fixture.Faults.Add(new Fault("GET", path, kind) { Times = int.MaxValue });
        Assert.AreEqual(ImageError.Unreachable, (await FailAsync(fixture)).Error);
        Assert.AreEqual(fixture.Options.Attempts, fixture.Faults.Happened);
    }

    [TestMethod]
    [DataRow("/manifests/1.0")]
    [DataRow("/blobs/")]
    public async Task A_registry_that_hangs_is_left_after_the_time_limit(string path)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        fixture.Faults.Add(new Fault("GET", path, FaultKind.Hang) { Times = int.MaxValue });
        var pull = FailAsync(fixture);
        for (var attempt = 0; attempt < fixture.Options.Attempts; attempt++)
        {
            await Task.WhenAny(fixture.Faults.HangingAsync(), pull);
            fixture.Time.PassLimits();
        }

        Assert.Contains("nothing moved", (await pull).Message);
    }

    [TestMethod]
    public async Task A_broken_download_goes_on_where_it_was()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var image = RegistryFixture.Build(1);
        fixture.Registry.Put("app", "1.0", image);
        fixture.Faults.Add(new Fault("GET", image.Manifest.Layers[0].Digest.ToString(), FaultKind.Truncate));
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
        Assert.HasCount(2, fixture.Server.Requests.Where(r => r.Contains(image.Manifest.Layers[0].Digest.Hex, StringComparison.Ordinal)));
    }

    [TestMethod]
    public async Task A_download_that_breaks_again_and_again_ends_unless_it_gets_on()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var (small, large) = (RegistryFixture.Build(1, 20_000), RegistryFixture.Build(1, 2_000_000));
        fixture.Registry.Put("app", "1.0", small);
        fixture.Registry.Put("app", "large", large);
        fixture.Faults.Add(new Fault("GET", large.Manifest.Layers[0].Digest.Hex, FaultKind.Truncate) { Times = 5 });
        fixture.Faults.Add(new Fault("GET", small.Manifest.Layers[0].Digest.Hex, FaultKind.Truncate) { Times = int.MaxValue });
        await fixture.PullAsync("app:large", TestContext.CancellationToken);
        Assert.AreEqual(ImageError.Unreachable, (await FailAsync(fixture)).Error);
    }

    [TestMethod]
    public async Task A_registry_without_ranges_is_read_from_the_start_and_the_rest_is_right()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.AnswersRanges = false;
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        fixture.Faults.Add(new Fault("GET", "/blobs/", FaultKind.Truncate) { Times = 2 });
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
    }

    [TestMethod]
    public async Task A_layer_that_stays_truncated_is_no_image()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var image = RegistryFixture.Build(1);
        fixture.Registry.Put("app", "1.0", image);
        var key = $"app@{image.Manifest.Layers[0].Digest}";
        fixture.Registry.Blobs[key] = fixture.Registry.Blobs[key][..5000];
        Assert.AreEqual(ImageError.DigestMismatch, (await FailAsync(fixture)).Error);
    }

    [TestMethod]
    public async Task Changed_bytes_are_no_image()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var image = RegistryFixture.Build(1);
        fixture.Registry.Put("app", "1.0", image);
        fixture.Registry.Blobs[$"app@{image.Manifest.Layers[0].Digest}"][1000] ^= 1;
        Assert.AreEqual(ImageError.DigestMismatch, (await FailAsync(fixture)).Error);
    }

    [TestMethod]
    public async Task A_manifest_of_another_digest_is_refused()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var image = RegistryFixture.Build(1);
        fixture.Registry.Put("app", "1.0", image);
        fixture.Registry.Manifests[$"app@{image.Digest}"] = (MediaTypes.OciManifest, RegistryFixture.Build(2).ManifestBytes.ToArray());
        fixture.Registry.SaysDigest = false;
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync($"app@{image.Digest}", TestContext.CancellationToken));
        Assert.AreEqual(ImageError.DigestMismatch, error.Error);
    }

    [TestMethod]
    public async Task Retry_After_is_honoured_and_pauses_grow()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.Put("app", "1.0", RegistryFixture.Build());
        fixture.Faults.Add(new Fault("GET", "/manifests/", FaultKind.Status) { Status = 429, RetryAfter = "17" });
        fixture.Faults.Add(new Fault("GET", "/manifests/", FaultKind.Status) { Status = 408 });
        fixture.Faults.Add(new Fault("GET", "/manifests/", FaultKind.Status) { Status = 503 });
        await fixture.PullAsync("app:1.0", TestContext.CancellationToken);
        Assert.AreEqual(TimeSpan.FromSeconds(17), fixture.Time.Pauses[0]);
        Assert.IsTrue(fixture.Time.Pauses[1] >= TimeSpan.FromMilliseconds(500) && fixture.Time.Pauses[1] <= TimeSpan.FromSeconds(1), $"{fixture.Time.Pauses[1]}");
        Assert.IsTrue(fixture.Time.Pauses[2] >= TimeSpan.FromSeconds(1) && fixture.Time.Pauses[2] <= TimeSpan.FromSeconds(2), $"{fixture.Time.Pauses[2]}");
    }

    [TestMethod]
    public async Task A_Retry_After_of_hours_is_an_error_at_once()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Faults.Add(new Fault("GET", "/manifests/", FaultKind.Status) { Status = 429, RetryAfter = "7200" });
        Assert.Contains("7200 seconds", (await FailAsync(fixture)).Message);
        Assert.AreEqual(1, fixture.Faults.Happened);
    }

    [TestMethod]
    [DataRow(404, ImageError.NotFound)]
    [DataRow(403, ImageError.Denied)]
    [DataRow(401, ImageError.Unauthorized)]
    [DataRow(418, ImageError.Denied)]
    public async Task What_does_not_pass_is_not_tried_again(int status, ImageError expected)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Faults.Add(new Fault("GET", "/manifests/", FaultKind.Status) { Status = status, Times = int.MaxValue });
        Assert.AreEqual(expected, (await FailAsync(fixture)).Error);
        Assert.IsEmpty(fixture.Time.Pauses);
    }

    private async Task<ImageException> FailAsync(RegistryFixture fixture) =>
        await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PullAsync("app:1.0", TestContext.CancellationToken));
}
