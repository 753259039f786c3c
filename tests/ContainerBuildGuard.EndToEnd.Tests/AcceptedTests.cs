using System.Text.RegularExpressions;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>A clean app goes everywhere that the SDK knows, vetted and signed.</summary>
[TestClass]
public sealed class AcceptedTests
{
    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    [TestMethod]
    public async Task A_clean_app_is_pushed_signed_and_verified()
    {
        using var project = new GuardedProject();
        var result = await project.PublishToRegistryAsync($"-p:ContainerBuildGuardKey={Workbench.PrivateKey}", "-p:ContainerBuildGuardSignatureFormats=\"bundle;legacy\"");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        var digest = await project.TagAsync();
        Assert.IsNotNull(digest);
        Assert.Contains(digest, result.Output);
        var verified = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["verify", $"{Workbench.Registry.Host}/{project.Repository}:latest", "--key", Workbench.PublicKey]);
        Assert.AreEqual(0, verified.ExitCode, verified.Output);
        Assert.Contains(digest, verified.Output);
        foreach (var file in (string[])["report.json", "report.sarif", "report.html", "sbom.cdx.json", "sbom.spdx.json"])
        {
            Assert.IsTrue(File.Exists(Path.Combine(project.Folder, "obj", "Release", "net10.0", "containerbuildguard", file)), file);
        }

        Assert.IsFalse(File.Exists(Path.Combine(project.Folder, "obj", "Release", "net10.0", "containerbuildguard", "staged", "image.tar")));
    }

    [TestMethod]
    public async Task Another_key_and_a_moved_tag_do_not_verify()
    {
        using var project = new GuardedProject();
        Assert.AreEqual(0, (await project.PublishToRegistryAsync($"-p:ContainerBuildGuardKey={Workbench.PrivateKey}")).ExitCode);
        var folder = Directory.CreateTempSubdirectory("cbg-other-");
        await ProcessRunner.MustAsync(Workbench.Products.Cbg, "keys", "generate", "--output-key-prefix", Path.Combine(folder.FullName, "other"));
        var name = $"{Workbench.Registry.Host}/{project.Repository}:latest";
        var other = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["verify", name, "--key", Path.Combine(folder.FullName, "other.pub")]);
        Assert.AreEqual(1, other.ExitCode);
        Assert.Contains("CBG3002", other.Output);
        await ProcessRunner.MustAsync("skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", $"docker://127.0.0.1:{Workbench.Registry.Port}/base/aspnet:10.0", $"docker://127.0.0.1:{Workbench.Registry.Port}/{project.Repository}:latest");
        var moved = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["verify", name, "--key", Workbench.PublicKey]);
        Assert.AreEqual(1, moved.ExitCode);
        Assert.Contains("CBG3001", moved.Output);
        folder.Delete(recursive: true);
    }

    [TestMethod]
    public async Task A_Docker_format_image_keeps_its_digest()
    {
        using var project = new GuardedProject(baseTag: "10.0-docker");
        var result = await project.PublishToRegistryAsync("-getProperty:GeneratedContainerDigest");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.AreEqual(Regex.Match(result.Output, "sha256:[0-9a-f]{64}").Value, await project.TagAsync());
    }

    [TestMethod]
    public async Task Two_architectures_arrive_as_one_index()
    {
        using var project = new GuardedProject(properties: "<RuntimeIdentifiers>linux-x64;linux-arm64</RuntimeIdentifiers><SelfContained>false</SelfContained>");
        var result = await project.PublishToRegistryAsync();
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.IsNotNull(await project.TagAsync());
        Assert.IsNotNull(await project.TagAsync("latest-linux-x64"));
        Assert.IsNotNull(await project.TagAsync("latest-linux-arm64"));
    }

    [TestMethod]
    public async Task A_variable_that_the_SDK_cut_is_known_by_what_the_project_said()
    {
        const string Items = """<ContainerEnvironmentVariable Include="Redis__Endpoint" Value="cache:6379" /><ContainerEnvironmentVariable Include="Mode" Value="fast" />""";
        using var several = new GuardedProject(properties: "<RuntimeIdentifiers>linux-x64;linux-arm64</RuntimeIdentifiers><SelfContained>false</SelfContained>", items: Items);
        var result = await several.PublishToRegistryAsync();
        Assert.Contains("The variable Redis__Endpoint has 5 of the 10 characters that the project gives it", result.Output);
        Assert.Contains("The label org.opencontainers.image.source has 5 of the 23", result.Output);
        using var single = new GuardedProject(items: Items);
        Assert.DoesNotContain("CBG2040", (await single.PublishToRegistryAsync()).Output);

        // The repair that the rule's page gives, word for word.
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "src", "ContainerBuildGuard.Core", "HardenedConfiguration", "Images", "CBG2040.md"));
        several.File("Directory.Build.targets", $"<Project>{Regex.Match(page, "```xml\n(.*?)```", RegexOptions.Singleline).Groups[1].Value}</Project>");
        var repaired = await several.PublishToRegistryAsync();
        Assert.AreEqual(0, repaired.ExitCode, repaired.Output);
        Assert.DoesNotContain("Redis__Endpoint", repaired.Output);
        Assert.DoesNotContain("image.source", repaired.Output);
    }

    [TestMethod]
    public async Task An_archive_appears_at_the_users_path()
    {
        using var project = new GuardedProject();
        var result = await project.PublishAsync("-p:ContainerArchiveOutputPath=out/app.tar.gz");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        var check = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["lint", Path.Combine(project.Folder, "out", "app.tar.gz")]);
        Assert.AreEqual(0, check.ExitCode, check.Output);
    }

    [TestMethod]
    public async Task The_default_container_profile_is_guarded_too()
    {
        using var project = new GuardedProject();
        var result = await ProcessRunner.RunAsync("dotnet", ["publish", "-p:PublishProfile=DefaultContainer", "-tl:off", "-nodeReuse:false", $"-p:ContainerRegistry={Workbench.Registry.Host}"], project.Folder);
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.Contains("ContainerBuildGuard passed", result.Output);
        Assert.IsNotNull(await project.TagAsync());
    }

    [TestMethod]
    public async Task A_path_with_spaces_and_umlauts_works()
    {
        using var project = new GuardedProject("Übung mit Leerzeichen");
        var result = await project.PublishToRegistryAsync();
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.IsNotNull(await project.TagAsync());
    }

    [TestMethod]
    public async Task Switched_off_the_SDK_does_what_it_did()
    {
        using var project = new GuardedProject(properties: "<ContainerBuildGuardEnabled>false</ContainerBuildGuardEnabled>");
        var result = await project.PublishToRegistryAsync("-p:ContainerUser=root");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.DoesNotContain("CBG", result.Output);
        Assert.IsNotNull(await project.TagAsync());
    }

    [TestMethod]
    public async Task A_registry_with_a_password_takes_the_image()
    {
        await using var registry = await RegistryServer.StartAsync("builder", "a-password");
        using var project = new GuardedProject();
        var denied = await project.PublishAsync($"-p:ContainerRegistry={registry.Host}");
        Assert.AreEqual(1, denied.ExitCode);
        Assert.Contains("CBG9006", denied.Output);
        var credentials = new Dictionary<string, string?> { ["DOTNET_CONTAINER_PUSH_REGISTRY_UNAME"] = "builder", ["DOTNET_CONTAINER_PUSH_REGISTRY_PWORD"] = "a-password" };
        var result = await project.PublishAsync(credentials, $"-p:ContainerRegistry={registry.Host}");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.IsNotNull(await registry.DigestAsync(project.Repository, "latest"));
        Assert.DoesNotContain("a-password", result.Output);
    }

    [TestMethod]
    public async Task Two_architectures_fit_in_one_archive()
    {
        using var project = new GuardedProject(properties: "<RuntimeIdentifiers>linux-x64;linux-arm64</RuntimeIdentifiers><SelfContained>false</SelfContained>");
        var result = await project.PublishAsync("-p:ContainerArchiveOutputPath=out/");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        var check = await ProcessRunner.MustAsync(Workbench.Products.Cbg, "lint", Path.Combine(project.Folder, "out", $"{project.Repository}.tar.gz"), "--format", "json", "--fail-on", "none");
        Assert.Contains("linux/amd64", check);
        Assert.Contains("linux/arm64", check);
    }

    [TestMethod]
    public async Task Published_from_the_folder_of_the_solution()
    {
        using var project = new GuardedProject();
        await ProcessRunner.MustAsync("dotnet", "new", "sln", "-o", project.Root, "-n", "All");
        await ProcessRunner.MustAsync("dotnet", "sln", project.Root, "add", Path.Combine(project.Folder, "App.csproj"));
        var result = await project.PublishFromAboveAsync($"-p:ContainerRegistry={Workbench.Registry.Host}");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.Contains("ContainerBuildGuard passed", result.Output);
        Assert.IsNotNull(await project.TagAsync());
    }

    [TestMethod]
    public async Task A_second_publish_gives_the_same_digest_and_an_older_tag_stays()
    {
        using var project = new GuardedProject();
        Assert.AreEqual(0, (await project.PublishToRegistryAsync("-p:ContainerImageTags=\"1.0;latest\"")).ExitCode);
        var first = await project.TagAsync("1.0");
        Assert.AreEqual(first, await project.TagAsync());
        project.File("Program.cs", """Console.WriteLine("another version");""");
        Assert.AreEqual(0, (await project.PublishToRegistryAsync()).ExitCode);
        Assert.AreEqual(first, await project.TagAsync("1.0"));
        Assert.AreNotEqual(first, await project.TagAsync());
    }

    [TestMethod]
    public async Task A_registry_that_dies_during_the_push_keeps_its_tag_and_takes_the_second_run()
    {
        using var project = new GuardedProject();
        Assert.AreEqual(0, (await project.PublishToRegistryAsync()).ExitCode);
        var before = await project.TagAsync();
        project.File("Program.cs", """Console.WriteLine("the next version");""");
        await using var dying = new DyingRegistry(Workbench.Registry, bytesBeforeDeath: 12_000);
        var failed = await project.PublishAsync($"-p:ContainerRegistry={dying.Host}");
        Assert.IsTrue(dying.Died);
        Assert.AreEqual(1, failed.ExitCode, failed.Output);
        Assert.Contains("error CBG9005", failed.Output);
        Assert.AreEqual(before, await project.TagAsync());
        dying.Recover();
        var second = await project.PublishAsync($"-p:ContainerRegistry={dying.Host}");
        Assert.AreEqual(0, second.ExitCode, second.Output);
        Assert.AreNotEqual(before, await project.TagAsync());
    }

    [TestMethod]
    public async Task Our_assemblies_come_from_the_package()
    {
        using var project = new GuardedProject();
        var result = await project.PublishToRegistryAsync("-bl:log.binlog", "-v:diag");
        Assert.AreEqual(0, result.ExitCode);
        Assert.MatchesRegex(@"(?i)GuardContainer.*ContainerBuildGuard\.Tasks\.dll", result.Output.Replace('\n', ' '));
        var tasks = Path.Combine(Workbench.Products.Packages, "containerbuildguard", Workbench.Products.Version, "tasks", "net10.0");
        foreach (var name in (string[])["ContainerBuildGuard.Core.dll", "YamlDotNet.dll", "NuGet.Versioning.dll", "ZstdSharp.dll", "ContainerBuildGuard.Tasks.deps.json"])
        {
            Assert.IsTrue(File.Exists(Path.Combine(tasks, name)), name);
        }

        Assert.IsEmpty(Directory.GetFiles(tasks, "Microsoft.Build.*.dll"));
    }
}
