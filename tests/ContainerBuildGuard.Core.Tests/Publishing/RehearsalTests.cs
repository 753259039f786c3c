using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Publishing;

[TestClass]
public sealed class RehearsalTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-rehearsal-");

    public required TestContext TestContext { get; init; }

    private PublishRequest Request => new()
    {
        StagedArchive = At("image.tar"),
        Repository = "",
        Tags = [],
        ProjectFile = At("app.csproj"),
        Host = "off",
        AdvisoriesPath = Path.Combine(Repository.Root, "samples", "advisories"),
        ReportDirectory = At("reports"),
    };

    public void Dispose() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task It_goes_through_every_control_and_report_that_a_publish_goes_through()
    {
        var folder = _folder.CreateSubdirectory("stage").FullName;
        var result = await Rehearsal.RunAsync(Request, Library, folder, TestContext.CancellationToken);
        CollectionAssert.AreEquivalent(new[] { Control.HardenedConfiguration, Control.SecretsManagement, Control.ContentSecurity }, result.Controls.ToArray());
        Assert.IsNotNull(result.Advisories);
        Assert.IsEmpty(result.Gaps);
        CollectionAssert.AreEquivalent(new[] { "base-files", "Library" }, result.Packages.Where(p => p.Name is "base-files" or "Library").Select(p => p.Name).ToArray());
        Assert.IsTrue(File.Exists(Path.Combine(folder, "report.json")));
        Assert.IsTrue(File.Exists(Path.Combine(folder, "sbom.spdx.json")));
        Assert.IsFalse(Directory.Exists(At("reports")));
    }

    [TestMethod]
    public async Task Its_registry_takes_an_image_and_keeps_nothing()
    {
        using var client = new RegistryClient(RehearsalRegistry.Options);
        var archive = At("image.tar");
        await File.WriteAllBytesAsync(archive, RehearsalImage.Make([1, 2, 3]), TestContext.CancellationToken);
        await using var set = await ImageSource.OpenAsync(archive, new ImageSourceOptions(), TestContext.CancellationToken);
        await client.PushAsync(set, RehearsalRegistry.Name, "app", [(set.Root.Digest, "latest")], ["base"], TestContext.CancellationToken);
        Assert.IsFalse(await client.BlobExistsAsync(RehearsalRegistry.Name, "app", set.Images[0].Manifest.Config.Digest, TestContext.CancellationToken));
        Assert.IsNotNull(await client.HeadManifestAsync(RehearsalRegistry.Name, "app", "latest", TestContext.CancellationToken));
    }

    [TestMethod]
    public void It_leaves_nothing_behind_and_a_process_has_one_only()
    {
        using (var rehearsal = Rehearsal.Begin(Request, Library))
        {
            if (rehearsal is null)
            {
                Assert.Inconclusive("This machine has one core.");
            }

            Assert.IsNull(Rehearsal.Begin(Request, Library));
        }

        Assert.IsEmpty(_folder.GetFileSystemInfos());
    }

    [TestMethod]
    [DataRow("policy.yml")]
    [DataRow("none")]
    public async Task What_is_wrong_with_the_publish_is_not_said_by_its_rehearsal(string policy)
    {
        await File.WriteAllTextAsync(At("policy.yml"), "version: 99\n", TestContext.CancellationToken);
        await Rehearsal.RunSilentlyAsync(Request with { PolicyPath = At(policy) }, Library, TestContext.CancellationToken);
        Assert.HasCount(1, _folder.GetFileSystemInfos());
    }

    private static string Library => typeof(PublishRequest).Assembly.Location;

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
