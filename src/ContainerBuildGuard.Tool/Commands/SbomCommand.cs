using System.CommandLine;
using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Tool.Output;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg sbom IMAGE</c></summary>
internal static class SbomCommand
{
    public static Command Create()
    {
        var image = new Argument<string>("IMAGE") { Description = "The image, in any of the forms of `cbg check`." };
        var format = SharedOptions.Format("cyclonedx", "spdx");
        var command = new TeachingCommand("sbom", "List an image's packages as CycloneDX 1.6 or SPDX 2.3.", "cbg sbom app.tar --output sbom.cdx.json", "cbg sbom registry.example.com/app:1.0 --format spdx")
        {
            image, SharedOptions.Platform, format, SharedOptions.Output, SharedOptions.Offline, SharedOptions.NoCache,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            // Packages only: no advisories are needed to list them.
            var result = await Guard.CheckAsync(parsed.GetRequiredValue(image), parsed.SourceOptions(parsed.LoadPolicy()), new GuardRequest
            {
                Policy = Policy.Default with { RequireAdvisories = false },
                Controls = [Control.ContentSecurity],
                ListOnly = true,
                Cache = parsed.Cache(),
            }, cancellationToken);
            using var buffer = new MemoryStream();
            if (parsed.GetRequiredValue(format) == "spdx")
            {
                SpdxWriter.Write(result, buffer, TimeProvider.System.GetUtcNow());
            }
            else
            {
                CycloneDxWriter.Write(result, buffer, TimeProvider.System.GetUtcNow());
            }

            await ResultOutput.WriteAsync(System.Text.Encoding.UTF8.GetString(buffer.ToArray()) + "\n", parsed.GetValue(SharedOptions.Output), cancellationToken);
            foreach (var gap in result.Gaps)
            {
                await Console.Error.WriteLineAsync(Printable.OneLine($"not listed: {gap.Path ?? gap.What}: {gap.Reason}"));
            }

            return result.Gaps.IsEmpty ? ExitCode.Passed : ExitCode.Unfinished;
        });
        return command;
    }
}
