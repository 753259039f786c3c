namespace ContainerBuildGuard.Tool.Tests;

/// <summary>What holds for every command.</summary>
[TestClass]
public sealed class ContractTests
{
    [TestMethod]
    [DataRow("frob")]
    [DataRow("audit")]
    [DataRow("audit", "host", "--nope")]
    [DataRow("audit", "host", "--format", "xml")]
    [DataRow("audit", "host", "--fail-on")]
    [DataRow("audit", "host", "@file")]
    [DataRow("policy", "explain")]
    [DataRow("policy", "explain", "CBG0000")]
    public async Task Wrong_usage_is_exit_code_2_with_a_code_on_standard_error_alone(params string[] arguments)
    {
        var run = await Cbg.RunAsync(arguments);
        Assert.AreEqual(2, run.ExitCode);
        Assert.StartsWith("error CBG9009: ", run.Error);
        Assert.AreEqual("", run.Output);
    }

    [TestMethod]
    [DataRow]
    [DataRow("audit")]
    [DataRow("audit", "host")]
    [DataRow("policy", "explain")]
    public async Task Help_teaches_with_an_example(params string[] command)
    {
        var run = await Cbg.RunAsync([.. command, "--help"]);
        Assert.AreEqual(0, run.ExitCode);
        Assert.Contains("Examples:\n  cbg ", run.Output.ReplaceLineEndings("\n"));
        Assert.Contains("Usage:\n  cbg ", run.Output.ReplaceLineEndings("\n"));
        Assert.AreEqual("", run.Error);
    }

    [TestMethod]
    public async Task What_an_argument_holds_cannot_forge_a_line_or_colour_the_terminal()
    {
        var run = await Cbg.RunAsync("policy", "explain", "x\nerror CBG1001: forged\u001b[31m");
        Assert.AreEqual(2, run.ExitCode);
        Assert.HasCount(1, run.Error.TrimEnd().Split('\n'));
        Assert.DoesNotContain("\u001b", run.Error);
    }

    [TestMethod]
    public async Task A_stack_trace_comes_only_when_asked_for()
    {
        Assert.DoesNotContain("   at ", (await Cbg.RunAsync("policy", "explain", "nothing")).Error);
        Assert.Contains("   at ", (await Cbg.RunAsync("policy", "explain", "nothing", "-v")).Error);
    }

    [TestMethod]
    public async Task A_rules_page_is_explained_whatever_the_case_of_its_code()
    {
        var run = await Cbg.RunAsync("policy", "explain", "cbg5002");
        Assert.AreEqual(0, run.ExitCode);
        Assert.StartsWith("# CBG5002: ", run.Output);
    }
}
