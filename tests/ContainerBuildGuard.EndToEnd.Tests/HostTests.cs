namespace ContainerBuildGuard.EndToEnd;

/// <summary>The machine that builds has a say in the publish. A project below a world-writable folder is never on a safe one.</summary>
[TestClass]
public sealed class HostTests
{
    [TestInitialize]
    public void Require() => Workbench.Require(OperatingSystem.IsLinux(), "The audit is for Linux.");

    [TestMethod]
    public async Task An_unsafe_machine_is_one_warning_and_the_image_goes_out()
    {
        using var project = new GuardedProject();
        var result = await project.PublishToRegistryAsync("-p:ContainerBuildGuardHost=warn");
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.Contains("warning CBG5000", result.Output);
        Assert.DoesNotContain("warning CBG5335", result.Output);
    }

    [TestMethod]
    public async Task With_error_nothing_is_delivered()
    {
        using var project = new GuardedProject();
        var result = await project.PublishToRegistryAsync("-p:ContainerBuildGuardHost=error");
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains("error CBG5000", result.Output);
        Assert.Contains("nothing was delivered", result.Output);
    }

    [TestMethod]
    public async Task A_wrong_value_says_so()
    {
        using var project = new GuardedProject();
        var result = await project.PublishToRegistryAsync("-p:ContainerBuildGuardHost=maybe");
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains("error CBG9009", result.Output);
    }
}
