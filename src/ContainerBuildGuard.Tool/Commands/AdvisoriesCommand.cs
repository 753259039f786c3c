using System.CommandLine;
using System.Globalization;
using System.Text;
using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg advisories update | status | build</c></summary>
internal static class AdvisoriesCommand
{
    public static Command Create() => new TeachingCommand("advisories", "The advisory index that packages are compared with.", "cbg advisories update", "cbg advisories status") { Update(), Status(), Build() };

    private static TeachingCommand Update()
    {
        var source = new Option<string>("--source") { Description = "The OSV databases: an address or a folder with ECOSYSTEM/all.zip below it, or one zip.", DefaultValueFactory = _ => AdvisoryUpdater.PublicSource, HelpName = "URL|FOLDER|ZIP" };
        var ecosystems = new Option<string[]>("--ecosystem") { Description = $"An ecosystem in OSV's name; again for more. By default {string.Join(", ", AdvisoryUpdater.DefaultEcosystems)}.", HelpName = "NAME", DefaultValueFactory = _ => [.. AdvisoryUpdater.DefaultEcosystems] };
        var kev = Address("--kev", "CISA's list of known exploited vulnerabilities", AdvisoryUpdater.PublicKev);
        var epss = Address("--epss", "FIRST's exploit prediction scores", AdvisoryUpdater.PublicEpss);
        var dotnet = Address("--dotnet", "The CVE timeline of .NET's release notes", AdvisoryUpdater.PublicDotNet);
        var nuget = new Option<string>("--nuget-config") { Description = "The folder whose NuGet configuration names the audit sources; 'none' leaves NuGet out.", HelpName = "FOLDER", DefaultValueFactory = _ => "." };
        var command = new TeachingCommand("update", "Fetch what has changed and build the index anew.", "cbg advisories update", "cbg advisories update --ecosystem NuGet --ecosystem \"Azure Linux\"", "cbg advisories update --source https://mirror.example.com/osv --kev none --epss none --dotnet none")
        {
            source, ecosystems, kev, epss, dotnet, nuget,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string OrNone(Option<string> option) => parsed.GetRequiredValue(option) is var value && value == "none" ? "" : value;
            var result = await AdvisoryUpdater.UpdateAsync(new AdvisoryUpdateRequest
            {
                Source = parsed.GetRequiredValue(source),
                Ecosystems = [.. parsed.GetRequiredValue(ecosystems)],
                Kev = OrNone(kev),
                Epss = OrNone(epss),
                DotNet = OrNone(dotnet),
                NuGetConfigFolder = OrNone(nuget) is { Length: > 0 } folder ? Path.GetFullPath(folder) : "",
            }, cancellationToken);
            foreach (var update in result.Sources.Where(u => u.Problem is not null))
            {
                await Console.Error.WriteLineAsync(Printable.OneLine($"{(update.State == SourceState.Failed ? "error CBG9005: not fetched" : "note")}: {update.Problem}"));
            }

            var counts = result.Sources.CountBy(s => s.State).Select(c => $"{c.Value} {Words(c.Key)}");
            await ResultOutput.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{result.IndexPath}: {result.Advisories} advisories as of {result.AsOf:yyyy-MM-dd HH:mm}Z ({string.Join(", ", counts)})\n"), null, cancellationToken);
            return result.IsComplete ? ExitCode.Passed : ExitCode.Unfinished;
        });
        return command;
    }

    private static TeachingCommand Status()
    {
        var command = new TeachingCommand("status", "What the index knows, from where, and how old it is; every block is held against its checksum.", "cbg advisories status", "cbg advisories status --advisories index.cbgadv") { SharedOptions.Advisories };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(SharedOptions.Advisories) is null && !AdvisoryLocations.HasDefault)
            {
                throw new GuardException("CBG9010", GuardFailure.Environment, $"There is no advisory index at '{AdvisoryLocations.Default}': run `cbg advisories update`.");
            }

            using var index = AdvisoryLoader.Open(parsed.GetValue(SharedOptions.Advisories) ?? AdvisoryLocations.Default, cancellationToken);
            index.CheckAll();
            var text = new StringBuilder();
            text.Append(CultureInfo.InvariantCulture, $"{index.Path}: {index.Count} advisories on {index.PackageCount} packages, as of {index.AsOf:yyyy-MM-dd HH:mm}Z ({(TimeProvider.System.GetUtcNow() - index.AsOf).TotalDays:0} days old), {index.Bytes.All / 1024} KiB, intact\n");
            foreach (var source in AdvisorySourceList.Read(index))
            {
                text.Append(CultureInfo.InvariantCulture, $"  {source.AsOf:yyyy-MM-dd}  {source.Advisories,8}  {source.Name}\n");
            }

            await ResultOutput.WriteAsync(text.ToString(), null, cancellationToken);
            return ExitCode.Passed;
        });
        return command;
    }

    private static TeachingCommand Build()
    {
        var inputs = new Argument<string[]>("INPUT") { Description = "OSV records, zips and folders of them, NuGet vulnerability pages, .NET cve.json files, KEV and EPSS files.", Arity = ArgumentArity.OneOrMore };
        var output = new Option<string>("--output", "-o") { Description = "The index to write.", HelpName = "FILE", Required = true };
        var command = new TeachingCommand("build", "Make one portable index of local files: sign it, ship it, and use it with --advisories where there is no network.", "cbg advisories build NuGet.zip Debian.zip --output advisories.cbgadv") { inputs, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetRequiredValue(output);
            try
            {
                var sources = AdvisoryBuilder.Build([.. parsed.GetRequiredValue(inputs).Select(i => (i, (DateTimeOffset?)null))], path, TimeProvider.System, cancellationToken);
                await ResultOutput.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{path}: {sources.Sum(s => s.Advisories)} advisories from {sources.Count} files\n"), null, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
            {
                throw new GuardException("CBG9012", GuardFailure.Environment, $"The index '{path}' cannot be written ({e.Message.TrimEnd('.')}): give --output a file in a folder that can be written.", e);
            }

            return ExitCode.Passed;
        });
        return command;
    }

    private static Option<string> Address(string name, string what, string publicAddress) =>
        new(name) { Description = $"{what}: an address, or 'none'.", HelpName = "URL", DefaultValueFactory = _ => publicAddress };

    private static string Words(SourceState state) => state switch
    {
        SourceState.Fetched => "fetched",
        SourceState.Unchanged => "unchanged",
        SourceState.Failed => "not fetched",
        _ => "without data",
    };
}
