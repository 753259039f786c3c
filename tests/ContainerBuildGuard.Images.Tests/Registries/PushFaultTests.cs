using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Registries;

/// <summary>Whatever goes wrong on the way, a push leaves the whole image behind its tag, or the tag where it was and a clear error.</summary>
[TestClass]
public sealed class PushFaultTests
{
    public TestContext TestContext { get; set; } = null!;

    public static IEnumerable<object[]> Steps =>
        from step in new[] { ("HEAD", "/blobs/"), ("POST", "/blobs/uploads/"), ("PUT", "/blobs/uploads/"), ("PUT", "/manifests/sha256:"), ("PUT", "/manifests/1.0") }
        from kind in new[] { FaultKind.Status, FaultKind.Reset, FaultKind.ResetInContent, FaultKind.LoseAnswer }
        select new object[] { step.Item1, step.Item2, kind };

    [TestMethod]
    [DynamicData(nameof(Steps))]
    public async Task What_passes_is_waited_out_at_each_step(string method, string path, FaultKind kind)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var image = RegistryFixture.Build();
        fixture.Faults.Add(new Fault(method, path, kind) { Times = 2 });
        await fixture.PushAsync(image, "app", "1.0", TestContext.CancellationToken);
        Assert.AreEqual(2, fixture.Faults.Happened);
        Assert.AreEqual(image.Digest, (await fixture.PullAsync("app:1.0", TestContext.CancellationToken)).Root.Digest);
    }

    [TestMethod]
    [DynamicData(nameof(Steps))]
    public async Task What_stays_leaves_the_tag_where_it_was(string method, string path, FaultKind kind)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var before = RegistryFixture.Build(1, 500);
        await fixture.PushAsync(before, "app", "1.0", TestContext.CancellationToken);
        fixture.Faults.Add(new Fault(method, path, kind) { Times = int.MaxValue });
        var image = RegistryFixture.Build();
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PushAsync(image, "app", "1.0", TestContext.CancellationToken));
        Assert.AreEqual(ImageError.Unreachable, error.Error);

        // An answer that is lost after the tag was written has moved it: to the whole image, as was meant.
        var expected = kind == FaultKind.LoseAnswer && path == "/manifests/1.0" ? image : before;
        fixture.Faults.Clear();
        Assert.AreEqual(expected.Digest, (await fixture.PullAsync("app:1.0", TestContext.CancellationToken)).Root.Digest);
    }

    [TestMethod]
    [DataRow("HEAD", "/blobs/")]
    [DataRow("POST", "/blobs/uploads/")]
    [DataRow("PUT", "/blobs/uploads/")]
    [DataRow("PUT", "/manifests/sha256:")]
    [DataRow("PUT", "/manifests/1.0")]
    public async Task A_registry_that_hangs_at_any_step_is_left_after_the_time_limit(string method, string path)
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Faults.Add(new Fault(method, path, FaultKind.Hang) { Times = int.MaxValue });
        var push = Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PushAsync(RegistryFixture.Build(1), "app", "1.0", TestContext.CancellationToken, fixture.Options with { Parallelism = 1 }));
        for (var attempt = 0; attempt < fixture.Options.Attempts; attempt++)
        {
            await Task.WhenAny(fixture.Faults.HangingAsync(), push);
            fixture.Time.PassLimits();
        }

        Assert.AreEqual(ImageError.Unreachable, (await push).Error);
        Assert.IsFalse(fixture.Registry.Manifests.ContainsKey("app:1.0"));
    }

    [TestMethod]
    public async Task Content_that_is_not_what_its_digest_says_never_arrives()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var wrong = "wrong"u8.ToArray();
        using var client = new RegistryClient(fixture.Options);
        var descriptor = Descriptor.Of(MediaTypes.OciLayerTar, "right"u8);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => client.PushBlobAsync(fixture.Host, "app", descriptor, _ => new(new VerifyingStream(new MemoryStream(wrong), descriptor, "test")), [], TestContext.CancellationToken));
        Assert.AreEqual(ImageError.DigestMismatch, error.Error);
        Assert.IsEmpty(fixture.Registry.Blobs);
    }

    [TestMethod]
    public async Task A_registry_that_changes_manifests_is_said_so()
    {
        await using var fixture = await RegistryFixture.StartAsync(registry => async context =>
        {
            await registry.ServeAsync(context);
            if (context.Request.Method == "PUT" && context.Response.Headers.ContainsKey("Docker-Content-Digest"))
            {
                context.Response.Headers["Docker-Content-Digest"] = Digest.Sha256("other"u8).ToString();
            }
        });
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => fixture.PushAsync(RegistryFixture.Build(1), "app", "1.0", TestContext.CancellationToken));
        Assert.AreEqual(ImageError.DigestMismatch, error.Error);
    }

    [TestMethod]
    public async Task A_set_that_lacks_manifests_is_not_pushed()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        var image = RegistryFixture.Build(1);
        using var client = new RegistryClient(fixture.Options);
        var set = RegistryFixture.SetOf(image) with { Absent = [image.Descriptor] };
        await Assert.ThrowsExactlyAsync<ImageException>(() => client.PushAsync(set, fixture.Host, "app", [(image.Digest, "1.0")], [], TestContext.CancellationToken));
        Assert.IsEmpty(fixture.Server.Requests);
    }
}
