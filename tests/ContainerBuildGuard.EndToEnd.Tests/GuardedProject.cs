using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>A project of a user's in a folder of its own, shielded from this repository's settings.</summary>
public sealed class GuardedProject : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("cbg-e2e-");

    public GuardedProject(string name = "app", string properties = "", string items = "", string baseTag = "10.0", string sdk = "Microsoft.NET.Sdk.Web")
    {
        Name = Path.GetFileName(name).ToLowerInvariant();
        Repository = $"e2e/{Guid.NewGuid():N}";
        Folder = Directory.CreateDirectory(Path.Combine(_root.FullName, name)).FullName;
        foreach (var barrier in (string[])["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props"])
        {
            System.IO.File.WriteAllText(Path.Combine(_root.FullName, barrier), "<Project />");
        }

        System.IO.File.Copy(Workbench.Products.Config, Path.Combine(_root.FullName, "nuget.config"));
        File("App.csproj", $"""
            <Project Sdk="{sdk}">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings><OutputType>Exe</OutputType><UseAppHost>false</UseAppHost>
                <ContainerBaseImage>{Workbench.Registry.Host}/base/aspnet:{baseTag}</ContainerBaseImage>
                <ContainerRepository>{Repository}</ContainerRepository><ContainerUser>1654</ContainerUser>
                <ContainerBuildGuardAdvisories>{Path.Combine(Testing.Servers.Repository.Root, "samples", "advisories")}</ContainerBuildGuardAdvisories>
                <ContainerBuildGuardHost>off</ContainerBuildGuardHost>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="ContainerBuildGuard" Version="{Workbench.Products.Version}" PrivateAssets="all" />
                <ContainerLabel Include="org.opencontainers.image.source" Value="https://example.com/app" /><ContainerLabel Include="org.opencontainers.image.revision" Value="abc" />
                {items}
              </ItemGroup>
            </Project>
            """);
        File("Program.cs", """Console.WriteLine("guarded app ran");""");
    }

    public string Name { get; }

    public string Repository { get; }

    public string Folder { get; }

    /// <summary>The folder above, with the NuGet configuration.</summary>
    public string Root => _root.FullName;

    public GuardedProject File(string path, string content)
    {
        var full = Path.Combine(Folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, content);
        return this;
    }

    public Task<ProcessResult> PublishToRegistryAsync(params string[] arguments) => PublishAsync([$"-p:ContainerRegistry={Workbench.Registry.Host}", .. arguments]);

    public Task<ProcessResult> PublishAsync(params string[] arguments) => PublishAsync(new Dictionary<string, string?>(), arguments);

    public Task<ProcessResult> PublishAsync(IReadOnlyDictionary<string, string?> environment, params string[] arguments) =>
        ProcessRunner.RunAsync("dotnet", ["publish", "/t:PublishContainer", "-tl:off", "-nodeReuse:false", .. arguments], Folder, TimeSpan.FromMinutes(5), environment: environment);

    /// <summary>A publish that the test does not wait for at once, and that an interrupt ends even where a shell runs the tests in the background, and has them ignore it.</summary>
    public RunningProcess StartPublish(params string[] arguments) =>
        new("env", ["--default-signal=INT", "dotnet", "publish", "/t:PublishContainer", "-tl:off", "-nodeReuse:false", .. arguments], Folder);

    /// <summary>A publish from the folder above, as from that of a solution.</summary>
    public Task<ProcessResult> PublishFromAboveAsync(params string[] arguments) =>
        ProcessRunner.RunAsync("dotnet", ["publish", "/t:PublishContainer", "-tl:off", "-nodeReuse:false", .. arguments], Root, TimeSpan.FromMinutes(5));

    /// <summary>Any target of the project.</summary>
    public Task<ProcessResult> BuildAsync(params string[] arguments) =>
        ProcessRunner.RunAsync("dotnet", ["build", "-c", "Release", "-tl:off", "-nodeReuse:false", $"-p:ContainerRegistry={Workbench.Registry.Host}", .. arguments], Folder, TimeSpan.FromMinutes(5));

    public Task<string?> TagAsync(string tag = "latest") => Workbench.Registry.DigestAsync(Repository, tag);

    /// <summary>Nothing of the project arrived: no repository in the catalogue.</summary>
    public async Task AssertNothingArrivedAsync() =>
        Assert.DoesNotContain(Repository, await Workbench.Registry.RepositoriesAsync());

    public void Dispose() => _root.Delete(recursive: true);
}
