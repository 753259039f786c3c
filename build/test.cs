// Passes the tests: installs what a fresh machine lacks, builds, runs every test project, and ends with the sum of the real results.
#:project ../tests/ContainerBuildGuard.Testing/ContainerBuildGuard.Testing.csproj
using System.Text.RegularExpressions;
using ContainerBuildGuard.Testing.Servers;

var root = Repository.Root;
await DebianPackages.InstallMissingAsync();
Console.WriteLine("== Packing the package and the native tool");
using var products = await PackedProducts.PackAsync();
Environment.SetEnvironmentVariable(PackedProducts.Variable, products.Folder);
var totals = new Dictionary<string, int> { ["succeeded"] = 0, ["failed"] = 0, ["skipped"] = 0 };
var broken = 0;
foreach (var project in Directory.EnumerateFiles(Path.Combine(root, "tests"), "*.Tests.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
{
    Console.WriteLine($"== {Path.GetFileNameWithoutExtension(project)}");
    var run = await ProcessRunner.RunAsync("dotnet", ["run", "--project", project, "-c", "Release", "--", "--progress", "off", "--no-ansi"], root, TimeSpan.FromMinutes(40), echo: true);
    var counted = false;
    foreach (var name in totals.Keys.ToList())
    {
        // Microsoft.Testing.Platform closes each run with "total: N / failed: N / succeeded: N / skipped: N".
        if (Regex.Match(run.Output, $@"^\s*{name}: (\d+)\s*$", RegexOptions.Multiline) is { Success: true } match)
        {
            totals[name] += int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
            counted = true;
        }
    }

    if (run.ExitCode != 0 || !counted)
    {
        broken++;
        Console.WriteLine($"{Path.GetFileNameWithoutExtension(project)} ended with exit code {run.ExitCode}{(counted ? "" : " and no results")}.");
    }
}

var failed = totals["failed"] + (totals["failed"] == 0 ? broken : 0);
Console.WriteLine($"{totals["succeeded"]} passed, {failed} failed, {totals["skipped"]} skipped");
return failed == 0 && totals["succeeded"] > 0 ? 0 : 1;
