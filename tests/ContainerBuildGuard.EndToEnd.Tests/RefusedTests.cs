using System.Security.Cryptography;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>What must not leave does not leave: the build is red, the destination untouched.</summary>
[TestClass]
public sealed class RefusedTests
{
    private static readonly string Password = "Gehe" + "im-" + "Und-Lang-77";

    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    [TestMethod]
    public async Task Root()
    {
        using var project = new GuardedProject(properties: "<ContainerUser>root</ContainerUser>");
        await RefusedAsync(project, "CBG2001");
    }

    [TestMethod]
    public async Task A_connection_string_in_appsettings()
    {
        using var project = new GuardedProject().File("appsettings.json", $$"""
            {
              "ConnectionStrings": { "Main": "Server=db;Database=d;User Id=u;Password={{Password}}" }
            }
            """);
        var output = await RefusedAsync(project, "CBG4002");
        Assert.Contains("appsettings.json(2)", output);
        Assert.DoesNotContain(Password, output);
        Assert.DoesNotContain(Password, await File.ReadAllTextAsync(Path.Combine(project.Folder, "obj/Release/net10.0/containerbuildguard/report.json")));
    }

    [TestMethod]
    public async Task A_private_key_beside_the_app()
    {
        using var rsa = RSA.Create(2048);
        using var project = new GuardedProject(items: """<Content Include="server.pem" CopyToPublishDirectory="Always" />""").File("server.pem", rsa.ExportRSAPrivateKeyPem());
        await RefusedAsync(project, "CBG4001");
    }

    [TestMethod]
    public async Task A_vulnerable_NuGet_package()
    {
        using var project = new GuardedProject(properties: "<NuGetAudit>false</NuGetAudit>", items: """<PackageReference Include="Newtonsoft.Json" Version="12.0.3" />""");
        var output = await RefusedAsync(project, "CBG1002");
        Assert.Contains("13.0.1", output);
    }

    [TestMethod]
    public async Task A_vulnerable_package_of_the_base()
    {
        using var project = new GuardedProject();
        project.File("advisories/x.json", """{"id":"TEST-2026-1","modified":"2026-11-20T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"dpkg"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"99.0"}]}]}],"database_specific":{"severity":"CRITICAL"}}""");
        var output = await RefusedAsync(project, "CBG1001", "-p:ContainerBuildGuardAdvisories=advisories");
        Assert.Contains("base image", output);
    }

    [TestMethod]
    public async Task No_setting_delivers_a_refused_image()
    {
        using var project = new GuardedProject(properties: "<ContainerUser>root</ContainerUser><NoWarn>$(NoWarn);CBG2001</NoWarn>");
        await RefusedAsync(project, "CBG2001", "-p:ContinueOnError=true", "-p:ContainerArchiveOutputPath=out.tar", "-warnAsMessage:CBG2001");
        Assert.IsFalse(File.Exists(Path.Combine(project.Folder, "out.tar")));
    }

    [TestMethod]
    public async Task A_warning_that_the_build_makes_an_error()
    {
        using var project = new GuardedProject().File("appsettings.Development.json", "{}");
        var output = await RefusedAsync(project, "CBG2012", "-warnaserror:CBG2012");
        Assert.Contains("nothing was delivered", output);
    }

    [TestMethod]
    public async Task The_second_publish_without_changes()
    {
        using var project = new GuardedProject(properties: "<ContainerUser>root</ContainerUser>");
        await RefusedAsync(project, "CBG2001");
        await RefusedAsync(project, "CBG2001");
    }

    [TestMethod]
    public async Task A_waiver_lets_exactly_one_finding_through()
    {
        using var project = new GuardedProject(properties: "<ContainerUser>root</ContainerUser>");
        project.File("containerbuildguard.yaml", "version: 1\nwaivers:\n  - code: CBG2001\n    reason: the test says so\n    expires: 2099-01-01\n");
        var passed = await project.PublishToRegistryAsync();
        Assert.AreEqual(0, passed.ExitCode, passed.Output);
        project.File("appsettings.json", $$"""{ "Main": "Server=db;Database=d;User Id=u;Password={{Password}}" }""");
        var refused = await project.PublishToRegistryAsync("-p:ContainerImageTag=second");
        Assert.AreEqual(1, refused.ExitCode);
        Assert.Contains("CBG4002", refused.Output);
        Assert.DoesNotContain("error CBG2001", refused.Output);
        Assert.IsNull(await project.TagAsync("second"));
    }

    [TestMethod]
    public async Task An_expired_waiver()
    {
        using var project = new GuardedProject(properties: "<ContainerUser>root</ContainerUser>");
        project.File("containerbuildguard.yaml", "version: 1\nwaivers:\n  - code: CBG2001\n    reason: long ago\n    expires: 2020-01-01\n");
        Assert.Contains("CBG9020", await RefusedAsync(project, "CBG2001"));
    }

    [TestMethod]
    public async Task A_policy_with_an_unknown_key()
    {
        using var project = new GuardedProject().File("containerbuildguard.yaml", "version: 1\nfail-onn: high\n");
        Assert.Contains("containerbuildguard.yaml(2,1)", await RefusedAsync(project, "CBG9007"));
    }

    [TestMethod]
    public async Task A_missing_key_where_signing_is_required()
    {
        using var project = new GuardedProject();
        await RefusedAsync(project, "CBG3005", "-p:ContainerBuildGuardSign=required");
    }

    [TestMethod]
    public async Task An_internal_target_called_by_name()
    {
        using var project = new GuardedProject();
        var result = await project.BuildAsync("/t:_PublishSingleContainer");
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains("error CBG9014", result.Output);
        await project.AssertNothingArrivedAsync();
    }

    [TestMethod]
    public async Task Warnings_as_errors_of_the_whole_build()
    {
        using var project = new GuardedProject().File("appsettings.Development.json", "{}");
        await RefusedAsync(project, "CBG2012", "-warnaserror");
    }

    [TestMethod]
    public async Task An_archive_that_something_truncated()
    {
        using var project = new GuardedProject().File("Directory.Build.targets", """
            <Project>
              <UsingTask TaskName="Cut" TaskFactory="RoslynCodeTaskFactory" AssemblyFile="$(MSBuildToolsPath)/Microsoft.Build.Tasks.Core.dll">
                <ParameterGroup><Path ParameterType="System.String" Required="true" /></ParameterGroup>
                <Task><Code Type="Fragment" Language="cs">using (var f = System.IO.File.OpenWrite(Path)) { f.SetLength(f.Length / 2); }</Code></Task>
              </UsingTask>
              <Target Name="CutIt" AfterTargets="_PublishSingleContainer"><Cut Path="$(ContainerArchiveOutputPath)" /></Target>
            </Project>
            """);
        await RefusedAsync(project, "CBG9001");
    }

    [TestMethod]
    public async Task An_archive_with_another_image_in_it()
    {
        using var other = new GuardedProject();
        Assert.AreEqual(0, (await other.PublishAsync("-p:ContainerArchiveOutputPath=other.tar")).ExitCode);
        using var project = new GuardedProject().File("Directory.Build.targets", $"""
            <Project>
              <Target Name="Swap" AfterTargets="_PublishSingleContainer"><Copy SourceFiles="{Path.Combine(other.Folder, "other.tar")}" DestinationFiles="$(ContainerArchiveOutputPath)" /></Target>
            </Project>
            """).File("Program.cs", """Console.WriteLine("not the other");""");
        await RefusedAsync(project, "CBG9002");
    }

    [TestMethod]
    public async Task A_registry_that_is_not_there()
    {
        using var project = new GuardedProject();
        var result = await project.PublishAsync("-p:ContainerRegistry=localhost:9");
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains("error CBG9005", result.Output);
    }

    [TestMethod]
    public async Task No_engine_and_no_archive_get_a_refused_image()
    {
        Workbench.Require(ProcessRunner.Exists("podman"), "podman");
        using var project = new GuardedProject(properties: "<ContainerUser>root</ContainerUser>");
        var result = await project.PublishAsync("-p:LocalRegistry=Podman");
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.DoesNotContain(project.Repository, await ProcessRunner.MustAsync("podman", "images"));
        var archive = await project.PublishAsync("-p:ContainerArchiveOutputPath=out/");
        Assert.AreEqual(1, archive.ExitCode, archive.Output);
        Assert.IsFalse(Directory.Exists(Path.Combine(project.Folder, "out")));
    }

    private static async Task<string> RefusedAsync(GuardedProject project, string code, params string[] arguments)
    {
        var result = await project.PublishToRegistryAsync(arguments);
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains($"error {code}", result.Output);
        await project.AssertNothingArrivedAsync();
        return result.Output;
    }
}
