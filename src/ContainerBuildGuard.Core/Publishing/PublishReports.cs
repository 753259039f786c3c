using ContainerBuildGuard.ContentSecurity;
using ContainerBuildGuard.Reports;

namespace ContainerBuildGuard.Publishing;

/// <summary>The report files of a publish.</summary>
internal static class PublishReports
{
    /// <summary>Writes them all and returns their folder.</summary>
    public static async Task<string> WriteAsync(PublishRequest request, GuardResult result, CancellationToken cancellationToken)
    {
        var (folder, now) = (request.ReportDirectory, request.Time.GetUtcNow());
        await WriteFindingsAsync(folder, result, now, cancellationToken);
        await WriteAsync(Path.Combine(folder, "sbom.cdx.json"), s => Synchronously(() => CycloneDxWriter.Write(result, s, now)));
        await WriteAsync(Path.Combine(folder, "sbom.spdx.json"), s => Synchronously(() => SpdxWriter.Write(result, s, now)));
        await WriteAsync(Path.Combine(folder, "fix-plan.json"), s => Synchronously(() => FixPlan.Write(result, s)));
        return folder;
    }

    /// <summary>Writes the reports of findings, without those of the image's content.</summary>
    public static async Task WriteFindingsAsync(string folder, GuardResult result, DateTimeOffset now, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in (string[])["json", "sarif", "html"])
        {
            var writer = ReportWriters.Find(name)!;
            await WriteAsync(Path.Combine(folder, $"report.{name}"), s => writer.WriteAsync(result, new ReportContext(now), s, cancellationToken));
        }
    }

    private static async Task WriteAsync(string path, Func<Stream, Task> write)
    {
        var beside = path + ".part";
        await using (var file = File.Create(beside))
        {
            await write(file);
        }

        File.Move(beside, path, overwrite: true);
    }

    private static Task Synchronously(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
