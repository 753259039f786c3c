using System.Runtime.InteropServices;

namespace ContainerBuildGuard.Testing.Servers;

/// <summary>The package and the tool as users get them, packed into a feed of their own under a version that no cache knows.</summary>
public sealed class PackedProducts : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-feed-");

    private PackedProducts(string version) => Version = version;

    public string Version { get; }

    public string Feed => Path.Combine(_folder.FullName, "feed");

    /// <summary>The packages folder of everything that is restored from the feed.</summary>
    public string Packages => Path.Combine(_folder.FullName, "packages");

    /// <summary>The installed tool.</summary>
    public string Cbg => Path.Combine(_folder.FullName, "tool", "cbg");

    public static async Task<PackedProducts> PackAsync()
    {
        var products = new PackedProducts($"0.1.0-test.{DateTime.UtcNow:yyyyMMddHHmmss}");
        foreach (var (project, more) in (IEnumerable<(string, string[])>)[("Tasks", []), ("Tool", [$"-p:ToolPackageRuntimeIdentifiers={RuntimeInformation.RuntimeIdentifier}"])])
        {
            await ProcessRunner.MustAsync("dotnet", ["pack", Path.Combine(Repository.Root, "src", $"ContainerBuildGuard.{project}"), "-c", "Release", "-o", products.Feed, $"-p:Version={products.Version}", "-v", "q", "-nodeReuse:false", .. more]);
        }

        await File.WriteAllTextAsync(products.Config, $"""
            <configuration>
              <config><add key="globalPackagesFolder" value="{products.Packages}" /></config>
              <packageSources><clear /><add key="local" value="{products.Feed}" /><add key="nuget.org" value="https://api.nuget.org/v3/index.json" /></packageSources>
              <auditSources><clear /></auditSources>
            </configuration>
            """);
        await ProcessRunner.MustAsync("dotnet", "tool", "install", "ContainerBuildGuard.Tool", "--version", products.Version, "--tool-path", Path.GetDirectoryName(products.Cbg)!, "--configfile", products.Config);
        return products;
    }

    /// <summary>A NuGet configuration that knows the feed and nuget.org alone.</summary>
    public string Config => Path.Combine(_folder.FullName, "nuget.config");

    public void Dispose() => _folder.Delete(recursive: true);
}
