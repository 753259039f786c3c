using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Inspection;

[TestClass]
public sealed class FactCacheTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-cache-");

    public TestContext TestContext { get; set; } = null!;

    private string Folder => Path.Combine(_folder.FullName, "layers");

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task What_was_looked_at_is_not_looked_at_again_and_says_the_same()
    {
        var image = Image().Build();
        var (first, second) = (new Sizes(), new Sizes());
        var walked = await InspectAsync(image, first);
        var kept = await InspectAsync(image, second);
        Assert.AreEqual(3, first.Walked);
        Assert.AreEqual(0, second.Walked);
        CollectionAssert.AreEquivalent(
            walked.Files.Visible.Select(e => (e.Path, e.Type, e.Size, e.Mode, e.LinkTarget, e.Modified, e.LayerIndex, e.ExtendedAttributes.Count)).ToArray(),
            kept.Files.Visible.Select(e => (e.Path, e.Type, e.Size, e.Mode, e.LinkTarget, e.Modified, e.LayerIndex, e.ExtendedAttributes.Count)).ToArray());
        CollectionAssert.AreEqual(walked.Files.Hidden.Select(e => e.Path).ToArray(), kept.Files.Hidden.Select(e => e.Path).ToArray());
        var sizes = kept.Visitors<Sizes.Visitor>().SelectMany(v => v.Found).ToList();
        CollectionAssert.AreEqual(new[] { ("etc/a", 1L), ("etc/b", 2L), ("app/c", 3L) }, sizes.Select(s => (s.Entry.Path, s.Bytes)).ToArray());
        Assert.IsTrue(sizes.Where(s => s.Entry.Path != "etc/a").All(s => kept.Files.IsVisible(s.Entry)));
        Assert.AreEqual(1, kept.Gaps.Length);
    }

    [TestMethod]
    public async Task Only_a_new_layer_is_walked()
    {
        await InspectAsync(Image().Build(), new Sizes());
        var sizes = new Sizes();
        await InspectAsync(Image().Layer(l => l.File("app/new", "1234")).Build(), sizes);
        Assert.AreEqual(1, sizes.Walked);
    }

    [TestMethod]
    public async Task Another_version_of_an_observer_or_other_limits_are_other_facts()
    {
        var image = Image().Build();
        await InspectAsync(image, new Sizes());
        var changed = new Sizes { Version = "sizes/2" };
        await InspectAsync(image, changed);
        Assert.AreEqual(3, changed.Walked);
        var limited = new Sizes();
        await InspectAsync(image, limited, InspectionLimits.Default with { WholeFileBytes = 2 });
        Assert.AreEqual(3, limited.Walked);
    }

    [TestMethod]
    public async Task A_damaged_file_is_replaced()
    {
        var image = Image().Build();
        await InspectAsync(image, new Sizes());
        foreach (var file in Directory.GetFiles(Folder))
        {
            var bytes = await File.ReadAllBytesAsync(file, TestContext.CancellationToken);
            bytes[bytes.Length / 2] ^= 1;
            await File.WriteAllBytesAsync(file, bytes, TestContext.CancellationToken);
        }

        var again = new Sizes();
        await InspectAsync(image, again);
        Assert.AreEqual(3, again.Walked);
        var healed = new Sizes();
        await InspectAsync(image, healed);
        Assert.AreEqual(0, healed.Walked);
    }

    [TestMethod]
    public async Task Every_cut_file_counts_as_none()
    {
        var image = new ImageBuilder().Layer(l => l.File("etc/a", "1")).Build();
        await InspectAsync(image, new Sizes());
        var file = Directory.GetFiles(Folder).Single();
        var whole = await File.ReadAllBytesAsync(file, TestContext.CancellationToken);
        for (var length = 0; length < whole.Length; length += 7)
        {
            await File.WriteAllBytesAsync(file, whole[..length], TestContext.CancellationToken);
            var sizes = new Sizes();
            await InspectAsync(image, sizes);
            Assert.AreEqual(1, sizes.Walked, $"{length} bytes");
        }
    }

    [TestMethod]
    public async Task A_layer_on_this_machine_is_still_checked_against_its_digest()
    {
        var image = Image().Build();
        await InspectAsync(image, new Sizes());
        var forged = image with { Blobs = new Forged(image.Blobs, isRemote: false) };
        var e = await Assert.ThrowsExactlyAsync<ImageException>(() => InspectAsync(forged, new Sizes()));
        Assert.AreEqual(ImageError.DigestMismatch, e.Error);
        await InspectAsync(image with { Blobs = new Forged(image.Blobs, isRemote: true) }, new Sizes());
        await ImageInspector.InspectAsync(forged, [new Sizes()], new InspectionOptions { Cache = FactCache.Open(Folder), ReadKnownLayers = false }, TestContext.CancellationToken);
    }

    [TestMethod]
    public async Task The_oldest_go_when_it_is_full()
    {
        var cache = FactCache.Open(Folder, mostBytes: 4000)!;
        for (var i = 0; i < 30; i++)
        {
            await ImageInspector.InspectAsync(new ImageBuilder().Layer(l => l.File($"f{i}", $"{i}")).Build(), [], new InspectionOptions { Cache = cache }, TestContext.CancellationToken);
        }

        var (layers, bytes) = cache.Measure();
        Assert.IsGreaterThan(1, layers);
        Assert.IsLessThanOrEqualTo(4000L, bytes);
        Assert.AreEqual((layers, bytes), cache.Clear());
        Assert.AreEqual((0, 0L), cache.Measure());
    }

    [TestMethod]
    public async Task Many_at_once_do_not_meet()
    {
        var image = Image().Build();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => InspectAsync(image, new Sizes()))));
        Assert.AreEqual(3, FactCache.Open(Folder)!.Measure().Layers);
    }

    [TestMethod]
    public async Task A_folder_that_others_may_write_to_is_not_used()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Inconclusive("Windows has no such mode.");
            return;
        }

        await InspectAsync(Image().Build(), new Sizes());
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.OtherWrite);
        Assert.IsNull(FactCache.Open(Folder));
    }

    private static ImageBuilder Image() => new ImageBuilder()
        .Layer(l => l.File("etc/a", "1").File("etc/b", "22", mode: 0b100_110_100_100).SymbolicLink("link", "etc/b").HardLink("hard", "etc/b").File("bad", "x"))
        .Layer(l => l.Whiteout("etc/a"))
        .Layer(l => l.File("app/c", "333"));

    private Task<ImageInspection> InspectAsync(Image image, Sizes observer, InspectionLimits? limits = null) =>
        ImageInspector.InspectAsync(image, [observer], new InspectionOptions { Limits = limits ?? InspectionLimits.Default, Cache = FactCache.Open(Folder) }, TestContext.CancellationToken);

    /// <summary>Remembers each file's size, fails on one, and counts the layers that were walked.</summary>
    private sealed class Sizes : ILayerObserver
    {
        private int _walked;

        public int Walked => _walked;

        public string Version { get; init; } = "sizes/1";

        public ILayerVisitor StartLayer(LayerInfo layer) => new Visitor(this);

        internal sealed class Visitor(Sizes owner) : ILayerVisitor
        {
            private bool _walks;

            public List<(LayerEntry Entry, long Bytes)> Found { get; private set; } = [];

            public ContentInterest Visit(LayerEntry entry)
            {
                Count();
                return ContentInterest.Whole;
            }

            public void Content(LayerEntry entry, ContentWindow window) =>
                Found.Add(entry.Path == "bad" ? throw new FormatException("made up") : (entry, window.Bytes.Length));

            public void Save(FactWriter facts)
            {
                Count();
                facts.WriteList(Found, (w, f) =>
                {
                    w.Write(f.Entry);
                    w.Write(f.Bytes);
                });
            }

            public void Load(FactReader facts) => Found = facts.ReadList(r => (r.ReadEntry(), r.ReadInt64()));

            private void Count()
            {
                if (!_walks)
                {
                    _walks = true;
                    Interlocked.Increment(ref owner._walked);
                }
            }
        }
    }

    /// <summary>Gives other bytes than the descriptor says.</summary>
    private sealed class Forged(IBlobStore inner, bool isRemote) : IBlobStore
    {
        public bool IsRemote => isRemote;

        public async ValueTask<Stream> OpenAsync(Descriptor descriptor, CancellationToken cancellationToken)
        {
            if (isRemote)
            {
                Assert.Fail("A remote layer that is known must not be fetched.");
            }

            await using var stream = await inner.OpenAsync(descriptor, cancellationToken);
            var bytes = new byte[descriptor.Size];
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            bytes[^1] ^= 1;
            return new VerifyingStream(new MemoryStream(bytes), descriptor, "test");
        }
    }
}
