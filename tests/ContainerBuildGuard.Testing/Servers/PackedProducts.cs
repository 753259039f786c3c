using System.Runtime.InteropServices;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>The package and the tool as users get them, packed into a feed of their own under a version that no cache knows.</summary>
public sealed class PackedProducts : IDisposable
{
    /// <summary>Names a folder that <see cref="PackAsync(bool)"/> has filled, for the processes of one test run to share.</summary>
    public const string Variable = "CONTAINERBUILDGUARD_TEST_PRODUCTS";

    private readonly string _folder;
    private readonly bool _isOwner;

    private PackedProducts(string folder, string version, bool isOwner) => (_folder, Version, _isOwner) = (folder, version, isOwner);

    public string Version { get; }

    public string Folder => _folder;

    public string Feed => Path.Combine(_folder, "feed");

    /// <summary>The packages folder of everything that is restored from the feed.</summary>
    public string Packages => Path.Combine(_folder, "packages");

    /// <summary>The installed tool.</summary>
    public string Cbg => Path.Combine(_folder, "tool", "cbg");

    /// <summary>A NuGet configuration that knows the feed and nuget.org alone.</summary>
    public string Config => Path.Combine(_folder, "nuget.config");

    /// <summary>Those of the test run where it made some, else freshly packed ones.</summary>
    public static async Task<PackedProducts> OpenAsync() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? new PackedProducts(folder, await File.ReadAllTextAsync(Path.Combine(folder, "version")), isOwner: false) : await PackAsync();

    /// <param name="native">Whether both hold machine code as what is released does: the tool as a native program (where there is a C linker), the tasks beside their portable code. Takes a minute or two.</param>
    public static async Task<PackedProducts> PackAsync(bool native = true)
    {
        var products = new PackedProducts(Directory.CreateTempSubdirectory("cbg-feed-").FullName, $"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}", isOwner: true);
        var runtime = RuntimeInformation.RuntimeIdentifier;
        await products.PackAsync("Tasks", native ? [$"-p:TaskRuntimeIdentifiers={runtime}"] : []);
        if (native && (ProcessRunner.Exists("clang") || ProcessRunner.Exists("gcc")))
        {
            await products.PackAsync("Tool", $"-p:ToolPackageRuntimeIdentifiers={runtime}");
            await products.PackAsync("Tool", $"-p:ToolPackageRuntimeIdentifiers={runtime}", "-r", runtime);
        }
        else
        {
            await products.PackAsync("Tool");
        }

        await File.WriteAllTextAsync(products.Config, $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{products.Packages}" /></config>
              <packageSources><clear /><add key="local" value="{products.Feed}" /><add key="nuget.org" value="https://api.nuget.org/v3/index.json" /></packageSources>
              <auditSources><clear /></auditSources>
            </configuration>
            """);
        await File.WriteAllTextAsync(Path.Combine(products.Folder, "version"), products.Version);
        await ProcessRunner.MustAsync("dotnet", "tool", "install", "ContainerBuildGuard.Tool", "--version", products.Version, "--tool-path", Path.GetDirectoryName(products.Cbg)!, "--configfile", products.Config);
        return products;
    }

    public void Dispose()
    {
        if (_isOwner)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private Task<string> PackAsync(string project, params string[] more) =>
        ProcessRunner.MustAsync("dotnet", ["pack", Path.Combine(Repository.Root, "src", $"ContainerBuildGuard.{project}"), "-c", "Release", "-o", Feed, $"-p:Version={Version}", "-v", "q", "-nodeReuse:false", .. more]);
}
