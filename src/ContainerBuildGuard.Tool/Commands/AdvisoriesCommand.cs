using System.CommandLine;
using System.Globalization;
using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg advisories update | status</c></summary>
internal static class AdvisoriesCommand
{
    public static Command Create()
    {
        var source = new Option<string>("--source") { Description = "Where the OSV databases are: a folder URL with ECOSYSTEM/all.zip below it.", DefaultValueFactory = _ => AdvisoryUpdater.PublicSource, HelpName = "URL" };
        var update = new TeachingCommand("update", $"Fetch the advisories of {string.Join(", ", AdvisoryUpdater.Ecosystems)}.", "cbg advisories update") { source };
        update.SetAction(async (parsed, cancellationToken) =>
        {
            if (!Uri.TryCreate(parsed.GetRequiredValue(source).TrimEnd('/') + "/", UriKind.Absolute, out var uri))
            {
                throw new GuardException("CBG9009", GuardFailure.Input, "--source is not a URL: name one that begins with https://.");
            }

            foreach (var file in await AdvisoryUpdater.UpdateAsync(uri, AdvisoryLocations.Default, cancellationToken))
            {
                await ResultOutput.WriteAsync($"{file}\n", null, cancellationToken);
            }

            return ExitCode.Passed;
        });
        var status = new TeachingCommand("status", "What the advisory database knows, and how old it is.", "cbg advisories status", "cbg advisories status --advisories osv/") { SharedOptions.Advisories };
        status.SetAction(async (parsed, cancellationToken) =>
        {
            var path = parsed.GetValue(SharedOptions.Advisories) ?? AdvisoryLocations.Default;
            var database = await AdvisoryDatabase.LoadAsync(path, cancellationToken);
            await ResultOutput.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{path}: {database.Count} advisories, the newest of {database.AsOf:yyyy-MM-dd}\n"), null, cancellationToken);
            return ExitCode.Passed;
        });
        return new TeachingCommand("advisories", "The advisory database.", "cbg advisories update", "cbg advisories status") { update, status };
    }
}
