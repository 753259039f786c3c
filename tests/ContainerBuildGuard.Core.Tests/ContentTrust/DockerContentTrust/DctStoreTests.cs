using System.Text;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

[TestClass]
public sealed class DctStoreTests
{
    [TestMethod]
    public async Task The_store_is_the_users_alone_and_written_whole()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        await fixture.PassAsync();
        var files = Directory.EnumerateFiles(fixture.Store, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Path.Combine(fixture.Store, fixture.Name, "metadata"), f)).Order(StringComparer.Ordinal).ToArray();
        CollectionAssert.AreEqual(new[] { "root.json", "snapshot.json", "targets.json", Path.Combine("targets", "releases.json"), "timestamp.json" }, files);
        if (!OperatingSystem.IsWindows())
        {
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(fixture.Store));
            File.SetUnixFileMode(fixture.Store, File.GetUnixFileMode(fixture.Store) | UnixFileMode.OtherWrite);
            await fixture.UnknownAsync("can be written by others");
        }
    }

    [TestMethod]
    public async Task Nothing_of_an_answer_that_does_not_verify_is_stored()
    {
        await using var fixture = await DctFixture.CreateAsync(releases: true);
        fixture.Notary["targets/releases"].SignedBy = [NotaryKey.Ecdsa()];
        fixture.Notary.Publish();
        await fixture.RefuseAsync(DctRules.Refused, "good signatures");
        Assert.IsFalse(Directory.Exists(fixture.Store));
    }

    [TestMethod]
    public async Task A_store_that_cannot_be_written_is_said_and_none_is_no_excuse()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await File.WriteAllTextAsync(fixture.At("file"), "");
        await fixture.UnknownAsync("cannot be written", fixture.Trust with { Store = fixture.At("file") });
    }

    [TestMethod]
    public async Task A_damaged_root_is_no_first_sight()
    {
        await using var fixture = await DctFixture.CreateAsync();
        await fixture.PassAsync();
        var root = Path.Combine(fixture.Store, fixture.Name, "metadata", "root.json");
        await File.WriteAllBytesAsync(root, Encoding.UTF8.GetBytes("{"));
        await fixture.UnknownAsync("is damaged");
        File.Delete(root);
        await fixture.PassAsync();
    }

    [TestMethod]
    public async Task What_the_docker_client_trusts_comes_first_and_is_not_written()
    {
        await using var fixture = await DctFixture.CreateAsync();
        var docker = fixture.At("docker");
        var metadata = Path.Combine(docker, "trust", "tuf", fixture.Name, "metadata");
        Directory.CreateDirectory(metadata);
        fixture.Notary.Timestamp.Version = 7;
        fixture.Notary.Publish();
        foreach (var role in (string[])["root", "timestamp"])
        {
            await File.WriteAllBytesAsync(Path.Combine(metadata, $"{role}.json"), fixture.Notary.Files[$"{role}.json"]);
        }

        var before = Directory.EnumerateFiles(docker, "*", SearchOption.AllDirectories).ToDictionary(f => f, File.ReadAllText);
        using var server = new DctServer(fixture.Client.Options, fixture.Notary.Address, Images.ImageReference.Parse($"{fixture.Name}:1.0"), Named);
        var state = await Repository().ReadAsync(_ => true, CancellationToken.None);
        Assert.IsFalse(state.FirstUse);
        CollectionAssert.AreEquivalent(before, Directory.EnumerateFiles(docker, "*", SearchOption.AllDirectories).ToDictionary(f => f, File.ReadAllText));

        // Versions that docker saw bind as well.
        Directory.Delete(fixture.Store, recursive: true);
        fixture.Notary.Timestamp.Version = 6;
        fixture.Notary.Publish();
        Assert.AreEqual(DctError.Rollback, (await Assert.ThrowsExactlyAsync<DctException>(() => Repository().ReadAsync(_ => true, CancellationToken.None))).Error);

        string? Named(string name) => name == "DOCKER_CONFIG" ? docker : null;

        DctRepository Repository() => new(fixture.Name, server, new DctStore(fixture.Name, fixture.Store, Named), new DctPinning { DisableTofu = true }, DateTimeOffset.UtcNow);
    }

    [TestMethod]
    public async Task A_server_that_asks_for_a_token_gets_one_of_the_repositorys_scope()
    {
        await using var fixture = await DctFixture.CreateAsync();
        var authorized = 0;
        fixture.Notary.Lie = async (context, file) =>
        {
            if (file == "/token")
            {
                Assert.AreEqual($"repository:{fixture.Name}:pull", context.Request.Query["scope"].ToString());
                await context.Response.Body.WriteAsync("""{"token":"good"}"""u8.ToArray());
                return true;
            }

            if (context.Request.Headers.Authorization == "Bearer good")
            {
                authorized++;
                return false;
            }

            context.Response.StatusCode = 401;
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"{fixture.Notary.Address}token\",service=\"notary\",scope=\"repository:{fixture.Name}:pull\"";
            return true;
        };
        await fixture.PassAsync();
        Assert.AreEqual(4, authorized);
    }
}
