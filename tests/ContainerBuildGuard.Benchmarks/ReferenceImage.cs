using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Benchmarks;

/// <summary>
/// The image that figures speak of: Debian 12 minbase with ICU and OpenSSL under a self-contained ASP.NET Core app, as the SDK builds it; twice, with the app
/// changed in between.
/// </summary>
internal sealed class ReferenceImage : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-bench-");
    private readonly RegistryServer _registry;

    private ReferenceImage(RegistryServer registry) => _registry = registry;

    public string First => Path.Combine(_folder.FullName, "first.tar");

    public string Changed => Path.Combine(_folder.FullName, "changed.tar");

    public string Base => $"{_registry.Host}/base/deps:10.0";

    public string Registry => _registry.Host;

    /// <summary>The app's folder, for publishes with the guard.</summary>
    public string App => Path.Combine(_folder.FullName, "app");

    public static async Task<ReferenceImage> BuildAsync(PackedProducts products)
    {
        var registry = await RegistryServer.StartAsync();
        await DebianBaseImage.PushForSelfContainedAsync(registry);
        var image = new ReferenceImage(registry);
        await ProcessRunner.MustAsync("dotnet", "new", "web", "-o", image.App, "--no-restore");
        File.Copy(products.Config, Path.Combine(image.App, "nuget.config"));
        await File.WriteAllTextAsync(Path.Combine(image.App, "app.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><Nullable>enable</Nullable>
                <RuntimeIdentifier>linux-x64</RuntimeIdentifier><SelfContained>true</SelfContained>
                <ContainerBaseImage>{image.Base}</ContainerBaseImage><ContainerRepository>bench/app</ContainerRepository><ContainerUser>1654</ContainerUser>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ContainerBuildGuard" Version="{products.Version}" PrivateAssets="all" />
                <ContainerLabel Include="org.opencontainers.image.source" Value="https://example.com/app" /><ContainerLabel Include="org.opencontainers.image.revision" Value="abc" />
              </ItemGroup>
            </Project>
            """);
        foreach (var (archive, program) in (IEnumerable<(string, string)>)[(image.First, "// first"), (image.Changed, "// changed")])
        {
            await image.EditAsync(program);
            await ProcessRunner.MustAsync("dotnet", "publish", image.App, "/t:PublishContainer", "-nodeReuse:false", "-p:ContainerBuildGuardEnabled=false", $"-p:ContainerArchiveOutputPath={archive}");
        }

        return image;
    }

    /// <summary>Builds the image into a folder, for a look at it by hand.</summary>
    public static async Task<int> WriteAsync(string folder)
    {
        using var products = await PackedProducts.PackAsync();
        await using var image = await BuildAsync(products);
        Directory.CreateDirectory(folder);
        File.Copy(image.First, Path.Combine(folder, "first.tar"), overwrite: true);
        File.Copy(image.Changed, Path.Combine(folder, "changed.tar"), overwrite: true);
        return 0;
    }

    /// <summary>Changes the app's source, so that its layer is another one.</summary>
    public Task EditAsync(string text) => File.WriteAllTextAsync(Path.Combine(App, "Program.cs"),
        $"""
        var app = WebApplication.CreateBuilder(args).Build();
        app.MapGet("/", () => "{text}");
        app.Run();
        """);

    public async ValueTask DisposeAsync()
    {
        await _registry.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
