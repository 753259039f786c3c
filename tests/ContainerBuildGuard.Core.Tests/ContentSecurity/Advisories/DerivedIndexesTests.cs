namespace ContainerBuildGuard.ContentSecurity;

[TestClass]
public sealed class DerivedIndexesTests
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("cbg-derived-");

    public TestContext TestContext { get; set; } = null!;

    private string Keep => Path.Combine(_root.FullName, "kept");

    private string Input => Path.Combine(_root.FullName, "osv");

    [TestCleanup]
    public void Clean() => _root.Delete(recursive: true);

    [TestMethod]
    public void The_same_files_are_read_once_and_changed_ones_again()
    {
        Record("X-1", "p");
        using (var first = Open())
        {
            Assert.AreEqual(1, first.Count);
        }

        var made = Kept().Single();
        var bytes = File.ReadAllBytes(made);
        using (var again = Open())
        {
            Assert.AreEqual(made, again.Path);
        }

        CollectionAssert.AreEqual(bytes, File.ReadAllBytes(made));
        Record("X-2", "p");
        using var changed = Open();
        Assert.AreEqual(2, changed.Count);
        Assert.AreNotEqual(made, changed.Path);
    }

    [TestMethod]
    public void A_kept_index_that_was_damaged_is_made_anew()
    {
        Record("X-1", "p");
        Open().Dispose();
        var path = Kept().Single();
        var bytes = File.ReadAllBytes(path);
        bytes[5000] ^= 1;
        File.WriteAllBytes(path, bytes);
        using var index = Open();
        Assert.HasCount(1, index.Find("NuGet", "", "p"));
    }

    [TestMethod]
    public void Only_a_few_are_kept()
    {
        for (var i = 0; i < 7; i++)
        {
            Record($"X-{i}", "p");
            Open().Dispose();
        }

        Assert.IsLessThanOrEqualTo(4, Kept().Length);
    }

    [TestMethod]
    public void A_folder_that_others_may_write_to_is_not_used()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Unix file modes are what this is about.");
            return;
        }

        Record("X-1", "p");
        Directory.CreateDirectory(Keep);
        File.SetUnixFileMode(Keep, (UnixFileMode)0b111_111_111);
        using var index = Open();
        Assert.AreEqual(1, index.Count);
        Assert.IsEmpty(Kept());
    }

    private AdvisoryIndex Open() => AdvisoryLoader.Open(Input, TestContext.CancellationToken, Keep);

    private string[] Kept() => Directory.GetFiles(Keep, "*.cbgadv");

    private void Record(string id, string package)
    {
        Directory.CreateDirectory(Input);
        File.WriteAllText(Path.Combine(Input, $"{id}.json"), $$"""{"id":"{{id}}","modified":"2026-11-01T10:00:00Z","affected":[{"package":{"ecosystem":"NuGet","name":"{{package}}"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}""");
    }
}
