using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>Local engines get the vetted image and run it.</summary>
[TestClass]
public sealed class EngineTests
{
    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    [TestMethod]
    public async Task Podman_gets_the_image_and_runs_it()
    {
        Workbench.Require(ProcessRunner.Exists("podman"), "podman");
        using var project = new GuardedProject();
        var result = await project.PublishAsync("-p:LocalRegistry=Podman");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        var name = (await ProcessRunner.MustAsync("podman", "images", "--format", "{{.Repository}}:{{.Tag}}")).Split('\n').Single(l => l.EndsWith($"{project.Repository}:latest", StringComparison.Ordinal));
        var run = await ProcessRunner.RunAsync("podman", ["run", "--rm", "--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024", name]);
        await ProcessRunner.RunAsync("podman", ["rmi", "-f", name]);
        Assert.AreEqual(0, run.ExitCode, run.Output);
        Assert.Contains("guarded app ran", run.Output);
    }

    [TestMethod]
    public async Task Docker_gets_the_image_and_runs_it_and_gets_no_refused_one()
    {
        Workbench.Require(DockerServer.IsAvailable, "docker.io");
        await using var docker = await DockerServer.StartAsync();
        Workbench.Require(docker is not null, "what a Docker daemon needs");

        // Debian's Docker reads Docker archives alone; an image of OCI's format reaches it in the guard's own archive of both.
        using var project = new GuardedProject();
        var refused = await project.PublishAsync(docker!.Variables, "-p:LocalRegistry=Docker", "-p:ContainerUser=root");
        Assert.AreEqual(1, refused.ExitCode, refused.Output);
        Assert.DoesNotContain(project.Repository, (await docker.RunAsync("images")).Output);

        var result = await project.PublishAsync(docker.Variables, "-p:LocalRegistry=Docker");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        var run = await docker.RunAsync("run", "--rm", "--network", "none", "--read-only", $"{project.Repository}:latest");
        Assert.AreEqual(0, run.ExitCode, run.Output);
        Assert.Contains("guarded app ran", run.Output);

        var check = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["lint", $"docker-daemon:{project.Repository}:latest"], environment: docker.Variables);
        Assert.AreEqual(0, check.ExitCode, check.Output);
    }
}
