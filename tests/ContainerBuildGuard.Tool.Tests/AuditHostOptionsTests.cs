using System.Diagnostics;
using System.Text.Json;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Tool.Tests;

/// <summary>Facts, folders, trends and remedies; and that an audit changes nothing.</summary>
[TestClass]
public sealed class AuditHostOptionsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-audit-");

    public void Dispose() => _folder.Delete(recursive: true);

    [TestMethod]
    public async Task Facts_of_one_machine_are_judged_alike_on_another()
    {
        var (facts, here, there) = (At("facts.json"), At("here.json"), At("there.json"));
        await Cbg.RunAsync("audit", "host", "--facts", facts, "--format", "json", "--output", here, "--fail-on", "none");
        await Cbg.RunAsync("audit", "host", "--from", facts, "--format", "json", "--output", there, "--fail-on", "none");
        Assert.AreEqual(Checks(here), Checks(there));
    }

    [TestMethod]
    public async Task An_earlier_report_shows_the_trend_and_a_script_the_remedies()
    {
        Directory.CreateDirectory(At("root/etc"));
        File.WriteAllText(At("root/etc/hosts.equiv"), "+\n");
        var run = await Cbg.RunAsync("audit", "host", "--root", At("root"), "--format", "json", "--output", At("before.json"), "--fix-script", At("fix.sh"));
        Assert.AreEqual(1, run.ExitCode);
        Assert.Contains("rm -- '/etc/hosts.equiv'", await File.ReadAllTextAsync(At("fix.sh")));

        File.Delete(At("root/etc/hosts.equiv"));
        var after = await Cbg.RunAsync("audit", "host", "--root", At("root"), "--compare", At("before.json"));
        Assert.Contains("Fixed: CBG5256", after.Output);
        Assert.Contains("before: ", after.Output);
    }

    [TestMethod]
    [DataRow("--profile", "nobody")]
    [DataRow("--from", "/no/such/facts.json")]
    [DataRow("--root", "/no/such/folder")]
    [DataRow("--compare", "/no/such/report.json")]
    public async Task A_wrong_option_is_exit_code_2(string option, string value)
    {
        var run = await Cbg.RunAsync("audit", "host", option, value);
        Assert.AreEqual(2, run.ExitCode);
        Assert.StartsWith("error CBG9009: ", run.Error);
    }

    [TestMethod]
    public async Task A_profile_asks_its_checks_alone()
    {
        var run = await Cbg.RunAsync("audit", "host", "--profile", "cis-level-1", "--format", "json", "--fail-on", "none");
        using var report = JsonDocument.Parse(run.Output);
        foreach (var check in report.RootElement.GetProperty("checks").EnumerateArray())
        {
            Assert.IsTrue(check.GetProperty("references").EnumerateArray().Any(r => r.GetString()!.StartsWith("CIS Docker", StringComparison.Ordinal)), check.GetProperty("code").GetString());
            Assert.IsGreaterThan(0, check.GetProperty("cisDocker").GetProperty("1.8.0").GetArrayLength());
        }
    }

    [TestMethod]
    public async Task Every_report_format_is_written()
    {
        foreach (var format in (string[])["sarif", "html", "github", "markdown"])
        {
            var run = await Cbg.RunAsync("audit", "host", "--format", format, "--fail-on", "none");
            Assert.AreEqual(0, run.ExitCode, run.Error);
            Assert.AreNotEqual("", run.Output, format);
        }
    }

    /// <summary>Every system call that could change a file is watched; what the runtime keeps for itself in memory files and diagnostics is not the host's.</summary>
    [TestMethod]
    public async Task Nothing_is_changed()
    {
        if (!File.Exists("/usr/bin/strace"))
        {
            Assert.Inconclusive("strace is not installed.");
            return;
        }

        var (trace, output) = (At("trace"), At("out.json"));
        var start = new ProcessStartInfo("strace", ["-f", "-qq", "-o", trace, "-e", "trace=openat,open,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,rmdir,chmod,fchmod,fchmodat,chown,fchown,fchownat,lchown,link,linkat,symlink,symlinkat,truncate,mknod,mknodat,setxattr,utimensat,execve",
            .. Cbg.Command, "audit", "host", "--format", "json", "--output", output, "--fail-on", "none"])
        { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using var process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (!File.Exists(output))
        {
            Assert.Inconclusive($"strace may not trace here: {error}");
            return;
        }

        var changes = (await File.ReadAllLinesAsync(trace)).Where(IsChange).Where(l => !l.Contains(_folder.FullName, StringComparison.Ordinal)
            && !l.Contains("/memfd:doublemapper", StringComparison.Ordinal) && !l.Contains("\"/dev/", StringComparison.Ordinal) && !l.Contains("\"/proc/self/", StringComparison.Ordinal)
            && !l.Contains("/.dotnet/lockfiles", StringComparison.Ordinal) && !l.Contains("\"/tmp/.dotnet", StringComparison.Ordinal)).ToArray();
        Assert.IsEmpty(changes, string.Join('\n', changes));
        Assert.HasCount(1, (await File.ReadAllLinesAsync(trace)).Where(l => l.Contains("execve(", StringComparison.Ordinal) && l.EndsWith("= 0", StringComparison.Ordinal)), "Nothing is executed but the tool itself.");
    }

    /// <summary>The best of three: what else runs on this machine is no part of the audit.</summary>
    [TestMethod]
    public async Task The_whole_audit_takes_three_seconds_and_a_hundred_mebibytes_at_most()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Inconclusive("The audit is for Linux.");
            return;
        }

        var runs = new List<Measured>();
        while (runs.Count < 3)
        {
            runs.Add(await Measured.RunAsync(Cbg.Command[0], [.. Cbg.Command[1..], "audit", "host", "--fail-on", "none"]));
            Assert.AreEqual(0, runs[^1].ExitCode, runs[^1].Output);
        }

        Assert.IsLessThan(3, runs.Min(r => r.Elapsed.TotalSeconds));
        Assert.IsLessThan(100, runs.Min(r => r.PeakBytes) >> 20);
    }

    private static bool IsChange(string line) => !line.Contains("execve(", StringComparison.Ordinal) && !line.Contains("+++", StringComparison.Ordinal) && !line.Contains("---", StringComparison.Ordinal)
        && (!line.Contains("open", StringComparison.Ordinal) || line.Contains("O_WRONLY", StringComparison.Ordinal) || line.Contains("O_RDWR", StringComparison.Ordinal) || line.Contains("O_CREAT", StringComparison.Ordinal))
        && !line.Contains("resumed", StringComparison.Ordinal) && !line.Contains("= -1", StringComparison.Ordinal);

    private static string Checks(string file)
    {
        using var report = JsonDocument.Parse(File.ReadAllText(file));
        return report.RootElement.GetProperty("checks").GetRawText();
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);
}
