using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>The scenarios of TUF's specification (section 1.5) and of tuf-conformance, against a repository in memory.</summary>
[TestClass]
public sealed class TufClientTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-tuf-");
    private readonly TufSimulator _repository = new();

    public required TestContext TestContext { get; init; }

    [TestInitialize]
    public void Publish()
    {
        _repository.AddTarget("file.txt", "content");
        _repository.Publish();
    }

    [TestCleanup]
    public void Delete() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task A_target_is_downloaded_once_and_then_read_from_the_cache()
    {
        Assert.AreEqual("content", await GetAsync("file.txt"));
        _repository.Requests.Clear();
        Assert.AreEqual("content", await GetAsync("file.txt"));
        CollectionAssert.AreEqual(new[] { "2.root.json", "timestamp.json" }, _repository.Requests);
        Assert.AreEqual("content", Encoding.UTF8.GetString(TufClient.ReadCachedTarget(Cache, _repository.InitialRoot, "file.txt")!));
    }

    [TestMethod]
    [DataRow("root")]
    [DataRow("timestamp")]
    [DataRow("snapshot")]
    [DataRow("targets")]
    public async Task Expired_metadata_is_a_freeze_attack(string role)
    {
        _repository.Expires[role] = TufSimulator.Now.AddSeconds(-1);
        NextVersions();
        _repository.Publish();
        await RefusedAsync(TufError.Expired);
    }

    [TestMethod]
    [DataRow("timestamp")]
    [DataRow("snapshot")]
    [DataRow("targets")]
    public async Task Metadata_by_another_key_is_refused(string role)
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        NextVersions();
        _repository.Publish(signers: new Dictionary<string, List<ECDsa>> { [role] = [other] });
        await RefusedAsync(TufError.SignatureMissing);
    }

    [TestMethod]
    public async Task A_threshold_counts_each_key_once()
    {
        using var second = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var first = _repository.Keys("timestamp")[0];
        _repository.Keys("timestamp").Add(second);
        _repository.Thresholds["timestamp"] = 2;
        NextVersions();
        _repository.Publish(signers: new Dictionary<string, List<ECDsa>> { ["timestamp"] = [first, first] });
        await RefusedAsync(TufError.SignatureMissing);
        _repository.Publish();
        await GetAsync("file.txt");
    }

    [TestMethod]
    public async Task A_rotated_root_needs_the_old_and_the_new_keys()
    {
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var old = _repository.Keys("root")[0];
        _repository.Keys("root")[0] = next;
        _repository.RootVersion = 2;
        foreach (var signers in (ECDsa[][])[[old], [next]])
        {
            _repository.PublishRoot(signers);
            await RefusedAsync(TufError.SignatureMissing);
        }

        _repository.PublishRoot([old, next]);
        Assert.AreEqual("content", await GetAsync("file.txt"));
    }

    [TestMethod]
    public async Task A_root_must_be_the_next_version()
    {
        _repository.RootVersion = 2;
        _repository.PublishRoot(_repository.Keys("root"), (_, body) => body["version"] = 3);
        await RefusedAsync(TufError.Rollback);
    }

    [TestMethod]
    public async Task An_older_timestamp_is_a_rollback()
    {
        await AdvanceAsync();
        _repository.TimestampVersion = 1;
        _repository.Publish();
        await RefusedAsync(TufError.Rollback);
    }

    [TestMethod]
    public async Task An_older_snapshot_is_a_rollback()
    {
        await AdvanceAsync();
        _repository.TimestampVersion++;
        _repository.SnapshotVersion = 1;
        _repository.Publish();
        await RefusedAsync(TufError.Rollback);
    }

    [TestMethod]
    public async Task A_snapshot_that_lists_older_or_no_targets_is_a_rollback()
    {
        await AdvanceAsync();
        NextVersions();
        _repository.Listed["targets"] = 1;
        _repository.Publish();
        await RefusedAsync(TufError.Rollback);
        NextVersions();
        _repository.Publish((role, body) =>
        {
            if (role == "snapshot")
            {
                body["meta"] = new JsonObject();
            }
        });
        await RefusedAsync(TufError.Rollback);
    }

    [TestMethod]
    public async Task New_timestamp_keys_recover_from_versions_far_ahead()
    {
        _repository.TimestampVersion = 1000;
        _repository.Publish();
        await GetAsync("file.txt");
        _repository.Keys("timestamp")[0] = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        _repository.RootVersion = 2;
        _repository.TimestampVersion = 2;
        _repository.Publish();
        Assert.AreEqual("content", await GetAsync("file.txt"));
    }

    [TestMethod]
    [DataRow("1.snapshot.json", TufError.Mismatch)]
    [DataRow("1.targets.json", TufError.SignatureMissing)]
    [DataRow("timestamp.json", TufError.SignatureMissing)]
    public async Task Changed_metadata_is_refused(string path, TufError error)
    {
        _repository.Tamper = (p, bytes) => p == path ? Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(bytes).Replace("\"version\":1", "\"version\":9", StringComparison.Ordinal)) : bytes;
        await RefusedAsync(error);
    }

    [TestMethod]
    [DataRow("timestamp.json")]
    [DataRow("1.snapshot.json")]
    [DataRow("1.targets.json")]
    [DataRow("targets/")]
    public async Task A_missing_file_is_named(string path)
    {
        _repository.Tamper = (p, bytes) => p.StartsWith(path, StringComparison.Ordinal) ? null : bytes;
        await RefusedAsync(TufError.NotFound);
    }

    [TestMethod]
    [DataRow("snapshot")]
    [DataRow("targets")]
    public async Task Metadata_of_another_time_is_not_mixed_in(string role)
    {
        byte[]? first = null;
        _repository.Tamper = (p, bytes) => p == $"1.{role}.json" ? first = bytes : bytes;
        await GetAsync("file.txt");
        NextVersions();
        _repository.Publish();
        _repository.Tamper = (p, bytes) => p == $"2.{role}.json" ? first! : bytes;

        // Signatures differ in length by a byte or two: the older metadata is too long, or of another hash.
        var thrown = await Assert.ThrowsExactlyAsync<TufException>(() => GetAsync("file.txt"));
        Assert.IsTrue(thrown.Error is TufError.Mismatch or TufError.Limit, thrown.Message);
    }

    [TestMethod]
    [DataRow("2.root.json")]
    [DataRow("timestamp.json")]
    [DataRow("1.snapshot.json")]
    [DataRow("1.targets.json")]
    public async Task Metadata_without_an_end_is_not_read(string path)
    {
        _repository.RootVersion = 2;
        _repository.PublishRoot(_repository.Keys("root"));
        _repository.Tamper = (p, bytes) => p == path ? new byte[64 << 20] : bytes;
        await RefusedAsync(TufError.Limit);
    }

    [TestMethod]
    [DataRow("other!!", TufError.Mismatch)]
    [DataRow("content and more", TufError.Limit)]
    public async Task Another_target_content_is_refused(string content, TufError error)
    {
        _repository.Tamper = (p, bytes) => p.StartsWith("targets/", StringComparison.Ordinal) ? Encoding.UTF8.GetBytes(content) : bytes;
        await RefusedAsync(error);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("{\"signed\":{},\"signatures\":1}")]
    [DataRow("{\"signed\":{\"_type\":\"timestamp\",\"_type\":\"timestamp\"},\"signatures\":[]}")]
    public async Task What_is_no_metadata_is_refused(string json)
    {
        _repository.Tamper = (p, bytes) => p == "timestamp.json" ? Encoding.UTF8.GetBytes(json) : bytes;
        await RefusedAsync(TufError.Malformed);
    }

    [TestMethod]
    public async Task Delegations_are_searched_depth_first_and_a_terminating_one_ends_the_search()
    {
        _repository.Delegate("targets", "a", terminating: false, "lib/*");
        _repository.Delegate("targets", "b", terminating: true, "lib/*");
        _repository.Delegate("targets", "c", terminating: false, "lib/*", "doc/*");
        _repository.Delegate("a", "a b/c", terminating: false, "lib/*");
        _repository.AddTarget("lib/first", "by a's own", "a b/c");
        _repository.AddTarget("lib/first", "by b", "b");
        _repository.AddTarget("lib/last", "by c", "c");
        _repository.AddTarget("doc/page", "by c", "c");
        _repository.AddTarget("lib/deep/page", "outside of the pattern", "a");
        NextVersions();
        _repository.Publish();
        Assert.AreEqual("by a's own", await GetAsync("lib/first"));
        Assert.AreEqual("by c", await GetAsync("doc/page"));
        await RefusedAsync(TufError.NotFound, "lib/last");
        await RefusedAsync(TufError.NotFound, "lib/deep/page");
    }

    [TestMethod]
    public async Task Delegations_that_go_in_a_circle_end()
    {
        _repository.Delegate("targets", "a", terminating: false, "*");
        _repository.Delegate("a", "b", terminating: false, "*");
        _repository.Delegate("b", "a", terminating: false, "*");
        NextVersions();
        _repository.Publish();
        await RefusedAsync(TufError.NotFound, "nowhere");
    }

    [TestMethod]
    public async Task Too_many_delegated_roles_end_the_search()
    {
        for (var i = 0; i < 40; i++)
        {
            _repository.Delegate("targets", $"role{i}", terminating: false, "*");
        }

        NextVersions();
        _repository.Publish();
        await RefusedAsync(TufError.Limit, "nowhere");
    }

    [TestMethod]
    public async Task A_damaged_cache_is_as_if_it_were_not_there()
    {
        await GetAsync("file.txt");
        foreach (var file in _folder.GetFiles())
        {
            await File.WriteAllTextAsync(file.FullName, "damaged", TestContext.CancellationToken);
        }

        Assert.IsNull(TufClient.ReadCachedTarget(Cache, _repository.InitialRoot, "file.txt"));
        Assert.AreEqual("content", await GetAsync("file.txt"));
    }

    [TestMethod]
    [DataRow("public-good.root.json", 3, 16)]
    [DataRow("staging.root.json", 2, 15)]
    public void The_root_that_ships_is_signed_by_its_own_keys(string name, int threshold, int version)
    {
        var root = EmbeddedTrust.Read(name);
        Assert.AreEqual(threshold, TufRoot.Read(TufEnvelope.Parse(root, "root")).Roles["root"].Threshold);
        Assert.AreEqual(version, TufTrust.Start(Cache, root).Root.Version);
    }

    private TufCache Cache => new(_folder.FullName);

    private void NextVersions()
    {
        _repository.TimestampVersion++;
        _repository.SnapshotVersion++;
        _repository.TargetsVersion++;
        _repository.RootVersion++;
    }

    private async Task AdvanceAsync()
    {
        NextVersions();
        _repository.Publish();
        await GetAsync("file.txt");
    }

    private async Task<string> GetAsync(string path) =>
        Encoding.UTF8.GetString(await new TufClient(_repository, Cache, _repository.InitialRoot, new FixedTime(TufSimulator.Now)).GetTargetAsync(path, TestContext.CancellationToken));

    private async Task RefusedAsync(TufError error, string path = "file.txt")
    {
        var thrown = await Assert.ThrowsExactlyAsync<TufException>(() => GetAsync(path));
        Assert.AreEqual(error, thrown.Error, thrown.Message);
    }
}
