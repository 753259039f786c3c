namespace ContainerBuildGuard.Images.Registries;

[TestClass]
public sealed class ListingTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Every_page_of_tags_and_of_the_catalogue_is_read()
    {
        await using var fixture = await RegistryFixture.StartAsync();
        fixture.Registry.PageSize = 3;
        for (var i = 0; i < 8; i++)
        {
            fixture.Registry.Put("app", $"1.{i}", RegistryFixture.Build(1, 10));
            fixture.Registry.Put($"app{i}", "1", RegistryFixture.Build(1, 10));
        }

        using var client = new RegistryClient(fixture.Options);
        Assert.HasCount(8, await client.ListTagsAsync(fixture.Host, "app", TestContext.CancellationToken));
        Assert.HasCount(9, await client.ListRepositoriesAsync(fixture.Host, TestContext.CancellationToken));
    }

    [TestMethod]
    public async Task A_repository_that_is_not_there_has_no_tags()
    {
        await using var fixture = await RegistryFixture.StartAsync(_ => context =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        });
        using var client = new RegistryClient(fixture.Options);
        Assert.IsEmpty(await client.ListTagsAsync(fixture.Host, "app", TestContext.CancellationToken));
    }

    [TestMethod]
    [DataRow("<https://other.example/v2/app/tags/list?start=1>; rel=\"next\"", ImageError.Denied)]
    [DataRow("<//other.example/v2/app/tags/list>; rel=\"next\"", ImageError.Denied)]
    [DataRow("</v2/app/tags/list>; rel=\"next\"", ImageError.LimitExceeded)]
    public async Task A_list_that_leads_away_or_round_in_circles_is_refused(string link, ImageError expected)
    {
        await using var fixture = await RegistryFixture.StartAsync(registry => async context =>
        {
            context.Response.Headers.Link = link;
            await registry.ServeAsync(context);
        });
        using var client = new RegistryClient(fixture.Options);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => client.ListTagsAsync(fixture.Host, "app", TestContext.CancellationToken));
        Assert.AreEqual(expected, error.Error);
    }

    [TestMethod]
    public async Task A_list_that_always_goes_on_ends()
    {
        var page = 0;
        await using var fixture = await RegistryFixture.StartAsync(registry => async context =>
        {
            context.Response.Headers.Link = $"</v2/app/tags/list?start={++page}>; rel=\"next\"";
            await registry.ServeAsync(context);
        });
        using var client = new RegistryClient(fixture.Options);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => client.ListTagsAsync(fixture.Host, "app", TestContext.CancellationToken));
        Assert.AreEqual(ImageError.LimitExceeded, error.Error);
    }
}
