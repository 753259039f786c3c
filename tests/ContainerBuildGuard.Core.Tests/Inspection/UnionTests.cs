using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Inspection;

/// <summary>The union is what a kernel would show inside the image's root.</summary>
[TestClass]
public sealed class UnionTests
{
    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task A_file_lands_where_the_links_of_its_folders_lead()
    {
        var files = await UnionAsync(new ImageBuilder()
            .Layer(l => l.Directory("usr/sbin").SymbolicLink("sbin", "usr/sbin").SymbolicLink("alias", "/sbin"))
            .Layer(l => l.File("alias/sshd", "x")));
        Assert.AreEqual("alias/sshd", files.Find("usr/sbin/sshd")!.Path);
        Assert.AreSame(files.Find("usr/sbin/sshd"), files.Find("sbin/sshd"));
    }

    [TestMethod]
    public async Task Links_are_followed_in_chains_and_inside_the_root_alone()
    {
        var files = await UnionAsync(new ImageBuilder().Layer(l => l
            .File("etc/passwd", "x").SymbolicLink("a", "b").SymbolicLink("b", "/c").SymbolicLink("c", "../../../etc/passwd").SymbolicLink("dangling", "nowhere")));
        Assert.AreEqual("etc/passwd", files.Resolve("a")!.Path);
        Assert.AreEqual(EntryType.SymbolicLink, files.Find("a")!.Type);
        Assert.IsNull(files.Resolve("dangling"));
    }

    [TestMethod]
    public async Task Circles_of_links_end()
    {
        var inspection = await InspectAsync(new ImageBuilder().Layer(l => l.SymbolicLink("a", "b").SymbolicLink("b", "a").SymbolicLink("self", "self/x").File("a/file", "x")));
        Assert.IsNull(inspection.Files.Resolve("a"));
        Assert.IsNull(inspection.Files.Resolve("self"));
        Assert.AreEqual("a/file", inspection.Gaps.Single().Path);
    }

    [TestMethod]
    public async Task A_hard_link_keeps_content_visible_whose_own_name_is_gone()
    {
        var files = await UnionAsync(new ImageBuilder()
            .Layer(l => l.File("secret", "x").HardLink("copy", "secret"))
            .Layer(l => l.Whiteout("secret")));
        Assert.IsNull(files.Find("secret"));
        Assert.AreEqual("secret", files.Resolve("copy")!.Path);
        Assert.IsTrue(files.IsVisible(files.Resolve("copy")!));
        Assert.AreEqual("secret", files.Hidden.Single().Path);
    }

    [TestMethod]
    public async Task A_file_gives_way_to_a_folder_and_a_folder_to_a_link()
    {
        var files = await UnionAsync(new ImageBuilder()
            .Layer(l => l.File("x", "a file").File("folder/a", "1").File("folder/b/c", "1"))
            .Layer(l => l.File("x/y", "below").SymbolicLink("folder", "x")));
        Assert.IsNotNull(files.Find("x/y"));
        Assert.AreSame(files.Find("x/y"), files.Find("folder/y"));
        CollectionAssert.AreEquivalent(new[] { "x", "folder/a", "folder/b/c" }, files.Hidden.Select(e => e.Path).ToArray());
    }

    [TestMethod]
    public async Task Whiteouts_hide_lower_layers_and_not_their_own()
    {
        var files = await UnionAsync(new ImageBuilder()
            .Layer(l => l.File("d/old", "1").File("gone/deep/file", "1"))
            .Layer(l => l.File("d/new", "2").Opaque("d").Whiteout("gone").File("gone/again", "2").Whiteout("never/there")));
        CollectionAssert.AreEquivalent(new[] { "d/new", "gone/again" }, files.Visible.Select(e => e.Path).ToArray());
        CollectionAssert.AreEquivalent(new[] { "d/old", "gone/deep/file" }, files.Hidden.Select(e => e.Path).ToArray());
    }

    [TestMethod]
    public async Task The_same_path_twice_in_a_layer_is_the_last_one()
    {
        var files = await UnionAsync(new ImageBuilder().Layer(l => l.File("f", "first").File("f", "second!")));
        Assert.AreEqual(7, files.Find("f")!.Size);
        Assert.AreEqual(5, files.Hidden.Single().Size);
    }

    [TestMethod]
    public async Task The_base_is_told_by_its_own_layers_where_they_are_known()
    {
        var builder = new ImageBuilder().Layer(l => l.File("a", "")).Layer(l => l.File("b", "")).Layer(l => l.File("c", ""));
        var image = builder.Build();
        async Task<int> BaseLayersAsync(params Digest[] known) =>
            (await ImageInspector.InspectAsync(image, [], new InspectionOptions { BaseLayers = [.. known] }, TestContext.CancellationToken)).Layers.Count(l => l.Origin == Findings.Origin.Base);
        Assert.AreEqual(2, await BaseLayersAsync(image.Config.DiffIds[0], image.Config.DiffIds[1]));
        Assert.AreEqual(1, await BaseLayersAsync(image.Config.DiffIds[1]));
    }

    private async Task<ImageFileSystem> UnionAsync(ImageBuilder image) => (await InspectAsync(image)).Files;

    private Task<ImageInspection> InspectAsync(ImageBuilder image) => ImageInspector.InspectAsync(image.Build(), [], InspectionLimits.Default, TestContext.CancellationToken);
}
