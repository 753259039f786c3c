using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Inspection;

[TestClass]
public sealed class ImageInspectorTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task Whiteouts_opaque_folders_and_replaced_types_hide_what_is_below()
    {
        var inspection = await InspectAsync(new ImageBuilder()
            .Layer(l => l.File("a/x", "1").File("b/y", "1").File("c/z", "1").File("d", "1"))
            .Layer(l => l.Whiteout("a/x").Opaque("b").File("b/new", "2").File("c", "a file now").File("d", "2")));
        CollectionAssert.AreEquivalent(new[] { "b/new", "c", "d" }, inspection.Files.Visible.Select(e => e.Path).ToArray());
        CollectionAssert.AreEquivalent(new[] { "a/x", "b/y", "c/z", "d" }, inspection.Files.Hidden.Select(e => e.Path).ToArray());
        Assert.AreEqual(1, inspection.Files.Find("d")!.LayerIndex);
    }

    [TestMethod]
    public async Task Paths_never_leave_the_root()
    {
        var inspection = await InspectAsync(new ImageBuilder().Layer(l => l.File("../../etc/passwd", "x").File("/abs/./file", "y")));
        CollectionAssert.AreEquivalent(new[] { "etc/passwd", "abs/file" }, inspection.Files.Visible.Select(e => e.Path).ToArray());
    }

    [TestMethod]
    public async Task Windows_cover_a_large_file_and_overlap()
    {
        var text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i:0000} "));
        var observer = new Recorder();
        var limits = InspectionLimits.Default with { WindowBytes = 4096, OverlapBytes = 64 };
        await ImageInspector.InspectAsync(new ImageBuilder().Layer(l => l.File("f", text)).Build(), [observer], limits, TestContext.CancellationToken);
        Assert.AreEqual(text, observer.Text.ToString());
        Assert.IsGreaterThan(3, observer.Windows);
    }

    [TestMethod]
    public async Task A_wrong_diff_id_is_refused()
    {
        var image = new ImageBuilder().Layer(l => l.File("f", "x")).Build();
        var wrong = image with { Config = image.Config with { DiffIds = [Digest.Sha256("other"u8)] } };
        Assert.AreEqual(ImageError.DigestMismatch, (await Assert.ThrowsExactlyAsync<ImageException>(() => InspectAsync(wrong))).Error);
    }

    [TestMethod]
    public async Task Too_many_bytes_are_refused()
    {
        var image = new ImageBuilder().Layer(l => l.File("f", new byte[1 << 20])).Build();
        var limits = InspectionLimits.Default with { Layer = LayerLimits.Default with { Bytes = 1 << 16 } };
        Assert.AreEqual(ImageError.LimitExceeded, (await Assert.ThrowsExactlyAsync<ImageException>(() => ImageInspector.InspectAsync(image, [], limits, TestContext.CancellationToken))).Error);
    }

    [TestMethod]
    public async Task A_layer_of_the_sdk_is_the_apps()
    {
        var inspection = await InspectAsync(new ImageBuilder().Layer(l => l.File("a", "")).Layer(l => l.File("b", "")).Layer(l => l.File("app/x", ""), ".NET SDK Container Tooling, version 10"));
        CollectionAssert.AreEqual(new[] { Origin.Base, Origin.Base, Origin.App }, inspection.Layers.Select(l => l.Origin).ToArray());
    }

    [TestMethod]
    public async Task A_visitor_that_fails_on_a_file_leaves_a_gap()
    {
        var inspection = await ImageInspector.InspectAsync(new ImageBuilder().Layer(l => l.File("bad", "x")).Build(), [new Failing()], InspectionLimits.Default, TestContext.CancellationToken);
        Assert.AreEqual("bad", inspection.Gaps.Single().Path);
    }

    private Task<ImageInspection> InspectAsync(ImageBuilder image) => InspectAsync(image.Build());

    private Task<ImageInspection> InspectAsync(Image image) => ImageInspector.InspectAsync(image, [], InspectionLimits.Default, TestContext.CancellationToken);

    private sealed class Recorder : ILayerObserver, ILayerVisitor
    {
        public StringBuilder Text { get; } = new();

        public int Windows { get; private set; }

        public string Version => "test/1";

        public ILayerVisitor StartLayer(LayerInfo layer) => this;

        public ContentInterest Visit(LayerEntry entry) => ContentInterest.Windows;

        public void Content(LayerEntry entry, ContentWindow window)
        {
            Windows++;
            Text.Append(Encoding.UTF8.GetString(window.Bytes.Span[window.Overlap..]));
        }

        public void Save(FactWriter facts)
        {
        }

        public void Load(FactReader facts)
        {
        }
    }

    private sealed class Failing : ILayerObserver, ILayerVisitor
    {
        public string Version => "test/1";

        public ILayerVisitor StartLayer(LayerInfo layer) => this;

        public ContentInterest Visit(LayerEntry entry) => ContentInterest.Whole;

        public void Content(LayerEntry entry, ContentWindow window) => throw new FormatException("made up");

        public void Save(FactWriter facts)
        {
        }

        public void Load(FactReader facts)
        {
        }
    }
}
