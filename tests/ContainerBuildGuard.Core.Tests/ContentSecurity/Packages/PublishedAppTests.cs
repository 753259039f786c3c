using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>One small app with packages of its own and one that comes with them, published by the real SDK in every form that it has: the inventory is what the SDK itself lists.</summary>
[TestClass]
public sealed class PublishedAppTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-publish-");

    public TestContext TestContext { get; set; } = null!;

    private string Output => Path.Combine(_folder.FullName, "out");

    [TestInitialize]
    public async Task Write()
    {
        await WriteAsync("Directory.Build.props", "<Project />");
        await WriteAsync("Directory.Packages.props", "<Project />");
        await WriteAsync("App.csproj", """
            <Project Sdk="Microsoft.NET.Sdk"><PropertyGroup><TargetFramework>net10.0</TargetFramework><OutputType>Exe</OutputType><RuntimeIdentifier>linux-x64</RuntimeIdentifier><SelfContained>false</SelfContained><NuGetAudit>false</NuGetAudit></PropertyGroup>
            <ItemGroup><PackageReference Include="YamlDotNet" Version="18.1.0" /><PackageReference Include="ZstdSharp.Port" Version="0.8.8" /><PackageReference Include="Microsoft.Extensions.DependencyInjection" Version="10.0.12" /></ItemGroup></Project>
            """);
        await WriteAsync("Program.cs", """
            using Microsoft.Extensions.DependencyInjection;
            System.Console.WriteLine(typeof(YamlDotNet.Core.Parser));
            System.Console.WriteLine(typeof(ZstdSharp.Compressor));
            System.Console.WriteLine(new ServiceCollection().BuildServiceProvider().GetService<string>());
            """);
    }

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    [DataRow("")]
    [DataRow("--self-contained")]
    [DataRow("-p:PublishSingleFile=true")]
    [DataRow("-p:PublishSingleFile=true -p:EnableCompressionInSingleFile=true --self-contained")]
    [DataRow("-p:PublishTrimmed=true --self-contained")]
    [DataRow("-p:PublishReadyToRun=true")]
    public async Task What_the_SDK_publishes_is_listed_as_the_SDK_lists_it(string options)
    {
        await PublishAsync(options);
        var alone = await ReadAsync(null);
        var packages = alone.Packages;
        Assert.DoesNotContain("CBG1012", alone.Findings.Select(f => f.Code));
        CollectionAssert.IsSubsetOf(new[] { "YamlDotNet 18.1.0", "ZstdSharp.Port 0.8.8", "Microsoft.Extensions.DependencyInjection.Abstractions 10.0.12" }, packages.Where(p => p.Presence == Presence.Present).Select(p => $"{p.Name} {p.Version}").ToArray());
        Assert.AreEqual(options.Contains("self-contained", StringComparison.Ordinal), packages.Any(p => p.Name == "Microsoft.NETCore.App.Runtime.linux-x64"));
        Assert.HasCount(packages.Count, packages.DistinctBy(p => p.Name).ToArray());
        CollectionAssert.AreEquivalent(await SdkListAsync(), Listed(packages));
        // The path from the project is NuGet's own.
        var assets = Assets();
        CollectionAssert.AreEqual(new[] { "App", "YamlDotNet/18.1.0" }, assets.Packages["yamldotnet"].Path.ToArray());
        CollectionAssert.AreEqual(new[] { "App", "Microsoft.Extensions.DependencyInjection/10.0.12", "Microsoft.Extensions.DependencyInjection.Abstractions/10.0.12" }, assets.Packages["microsoft.extensions.dependencyinjection.abstractions"].Path.ToArray());
        Assert.IsTrue(assets.Direct.Contains("ZstdSharp.Port"));
        Assert.IsFalse(assets.Direct.Contains("Microsoft.Extensions.DependencyInjection.Abstractions"));
        Assert.AreEqual("MIT", (await ReadAsync(assets)).Packages.Single(p => p.Name == "YamlDotNet").License);
    }

    [TestMethod]
    public async Task A_single_file_without_a_dependency_file_still_tells_its_runtime_and_its_assemblies()
    {
        await PublishAsync("-p:PublishSingleFile=true --self-contained -p:GenerateDependencyFile=false");
        var packages = (await ReadAsync(null)).Packages;
        Assert.MatchesRegex(@"^10\.0\.", packages.Single(p => p.Name == "Microsoft.NETCore.App").Version);
        CollectionAssert.IsSubsetOf(new[] { "YamlDotNet 18.1.0", "ZstdSharp 0.8.8" }, packages.Where(p => p.IsVersionCertain).Select(p => $"{p.Name} {p.Version}").ToArray());
    }

    [TestMethod]
    public async Task A_program_compiled_ahead_of_time_is_listed_by_what_its_build_took_in()
    {
        var linker = ProcessRunner.Exists("clang") ? "" : "-p:CppCompilerAndLinker=gcc";
        if (linker.Length > 0 && !ProcessRunner.Exists("gcc"))
        {
            Assert.Inconclusive("Neither clang nor gcc is installed, one of which Native AOT links with.");
        }

        await PublishAsync($"-p:PublishAot=true -p:SelfContained=true -p:StripSymbols=false {linker}");
        Assert.IsFalse(File.Exists(Path.Combine(Output, "App.dll")), "it is no native program");
        var alone = await ReadAsync(null);
        Assert.Contains("CBG1012", alone.Findings.Select(f => f.Code));
        Assert.MatchesRegex(@"^10\.0\.", alone.Packages.Single(p => p.Name == "Microsoft.NETCore.App.Runtime.NativeAOT").Version);
        var built = await ReadAsync(Assets());
        Assert.DoesNotContain("CBG1012", built.Findings.Select(f => f.Code));
        CollectionAssert.AreEquivalent(await SdkListAsync(), Listed(built.Packages));
    }

    private async Task PublishAsync(string options)
    {
        var run = await ProcessRunner.RunAsync("dotnet", ["publish", "-c", "Release", "-o", Output, "-tl:off", "-nodeReuse:false", .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)], _folder.FullName, TimeSpan.FromMinutes(4));
        if (run.ExitCode != 0 && run.Output.Contains("NU1", StringComparison.Ordinal))
        {
            Assert.Inconclusive($"The packages that this publish needs cannot be restored here: {run.Output[..Math.Min(run.Output.Length, 600)]}");
        }

        Assert.AreEqual(0, run.ExitCode, run.Output);
    }

    /// <summary>What `dotnet list package` says, without what an SDK adds to compile with (ILCompiler, trimmer).</summary>
    private async Task<List<string>> SdkListAsync()
    {
        var list = await ProcessRunner.RunAsync("dotnet", ["list", "package", "--include-transitive", "--format", "json"], _folder.FullName, TimeSpan.FromMinutes(2));
        Assert.AreEqual(0, list.ExitCode, list.Output);
        using var json = JsonDocument.Parse(list.Output);
        var framework = json.RootElement.GetProperty("projects")[0].GetProperty("frameworks")[0];
        return [.. ((string[])["topLevelPackages", "transitivePackages"]).Where(k => framework.TryGetProperty(k, out _)).SelectMany(k => framework.GetProperty(k).EnumerateArray())
            .Select(p => $"{p.GetProperty("id").GetString()} {p.GetProperty("resolvedVersion").GetString()}").Where(p => !p.StartsWith("Microsoft.DotNet.ILCompiler ", StringComparison.Ordinal) && !p.StartsWith("Microsoft.NET.ILLink.Tasks ", StringComparison.Ordinal))];
    }

    private static List<string> Listed(IEnumerable<Package> packages) =>
        [.. packages.Where(p => p.Presence != Presence.BuildOnly && !p.Name.StartsWith("Microsoft.NETCore.App", StringComparison.Ordinal)).Select(p => $"{p.Name} {p.Version}")];

    private ProjectAssets Assets() => ProjectAssets.Load(Path.Combine(_folder.FullName, "obj", "project.assets.json"), "net10.0")!;

    private Task<Inspection.ControlResult> ReadAsync(ProjectAssets? assets) => ContentCheck.RunAsync(
        new ImageBuilder().Layer(l =>
        {
            foreach (var file in Directory.GetFiles(Output))
            {
                l.File($"app/{Path.GetFileName(file)}", File.ReadAllBytes(file), mode: Path.GetExtension(file).Length == 0 ? 0b111_101_101 : 0b110_100_100);
            }
        }),
        null,
        new() { Assets = assets },
        TestContext.CancellationToken);

    private Task WriteAsync(string name, string content) => File.WriteAllTextAsync(Path.Combine(_folder.FullName, name), content, TestContext.CancellationToken);
}
