using System.Text.Json;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>What the guard lists is what the package managers themselves list.</summary>
[TestClass]
public sealed class InventoryTests
{
    public required TestContext TestContext { get; init; }

    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    [TestMethod]
    public async Task The_packages_of_a_Debian_root_are_those_that_dpkg_lists()
    {
        var folder = Directory.CreateTempSubdirectory("cbg-dpkg-");
        try
        {
            await ProcessRunner.MustAsync("skopeo", "copy", "-q", "--override-arch", "amd64", "--src-tls-verify=false", $"docker://127.0.0.1:{Workbench.Registry.Port}/base/aspnet:10.0", $"dir:{folder.FullName}/image");
            using var manifest = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder.FullName, "image", "manifest.json"), TestContext.CancellationToken));
            var layer = manifest.RootElement.GetProperty("layers")[0].GetProperty("digest").GetString()!["sha256:".Length..];
            await ProcessRunner.MustAsync("tar", "-xzf", Path.Combine(folder.FullName, "image", layer), "-C", folder.FullName, "./var/lib/dpkg");
            var listed = await ProcessRunner.MustAsync("dpkg-query", $"--admindir={Path.Combine(folder.FullName, "var", "lib", "dpkg")}", "-W", "-f", "${Package} ${Version} ${Architecture} ${source:Package} ${source:Version}\n");
            using var bill = JsonDocument.Parse(await ProcessRunner.MustAsync(Workbench.Products.Cbg, "sbom", $"{Workbench.Registry.Host}/base/aspnet:10.0", "--platform", "linux/amd64"));
            var ours = bill.RootElement.GetProperty("components").EnumerateArray().Where(c => c.GetProperty("purl").GetString()!.StartsWith("pkg:deb/", StringComparison.Ordinal)).Select(c =>
            {
                var properties = c.GetProperty("properties").EnumerateArray().ToDictionary(p => p.GetProperty("name").GetString()!, p => p.GetProperty("value").GetString());
                var architecture = c.GetProperty("purl").GetString()!.Split("arch=")[1].Split('&')[0];
                return $"{c.GetProperty("name").GetString()} {c.GetProperty("version").GetString()} {architecture} {properties["containerbuildguard:sourceName"]} {properties["containerbuildguard:sourceVersion"]}";
            });
            var expected = listed.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.IsGreaterThan(60, expected.Length);
            CollectionAssert.AreEquivalent(expected, ours.ToArray());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [TestMethod]
    public async Task The_NuGet_packages_of_a_guarded_publish_are_those_that_dotnet_lists_and_build_tools_are_told_apart()
    {
        using var project = new GuardedProject(items: """
            <PackageReference Include="YamlDotNet" Version="18.1.0" /><PackageReference Include="NuGet.Protocol" Version="7.9.0" />
            """);
        var published = await project.PublishAsync("-p:ContainerArchiveOutputPath=out/app.tar.gz");
        Assert.AreEqual(0, published.ExitCode, published.Output);
        using var list = JsonDocument.Parse((await ProcessRunner.RunAsync("dotnet", ["list", "package", "--include-transitive", "--format", "json"], project.Folder, TimeSpan.FromMinutes(2))).Output);
        var framework = list.RootElement.GetProperty("projects")[0].GetProperty("frameworks")[0];
        var expected = ((string[])["topLevelPackages", "transitivePackages"]).SelectMany(k => framework.GetProperty(k).EnumerateArray()).Select(p => $"pkg:nuget/{p.GetProperty("id").GetString()}@{p.GetProperty("resolvedVersion").GetString()}").ToList();
        using var report = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(project.Folder, "obj", "Release", "net10.0", "containerbuildguard", "report.json"), TestContext.CancellationToken));
        var packages = report.RootElement.GetProperty("packages").EnumerateArray().Where(p => p.GetProperty("origin").GetString() == "app").ToList();
        CollectionAssert.AreEquivalent(expected, packages.ConvertAll(p => p.GetProperty("purl").GetString()!));
        var guard = packages.Single(p => p.GetProperty("purl").GetString() == $"pkg:nuget/ContainerBuildGuard@{Workbench.Products.Version}");
        Assert.AreEqual("build-only", guard.GetProperty("presence").GetString());
    }
}
