using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>One source of an index, as <c>status</c> shows it.</summary>
public sealed record AdvisorySource(string Name, int Advisories, DateTimeOffset AsOf);

/// <summary>Makes an index from local files: OSV records, zips and folders of them, NuGet's vulnerability pages, .NET's CVE files, KEV and EPSS.</summary>
public static class AdvisoryBuilder
{
    private const int BatchRecords = 256;

    /// <summary>Builds <paramref name="output"/>, over an older one at once.</summary>
    /// <remarks><c>inputs</c>: files and folders, each with the day up to which it is known to be current; null takes its newest advisory's.</remarks>
    /// <exception cref="GuardException">CBG9010: an input is missing, cannot be read, or there is no advisory in all of them. The older index stays.</exception>
    public static IReadOnlyList<AdvisorySource> Build(IReadOnlyList<(string Path, DateTimeOffset? AsOf)> inputs, string output, TimeProvider time, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(output))!);
        using var writer = new AdvisoryIndexWriter(output);
        var sources = new List<AdvisorySource>();
        foreach (var (path, asOf) in inputs)
        {
            if (!File.Exists(path) && !Directory.Exists(path))
            {
                throw Unusable($"There is no advisory file or folder at '{path}'", null);
            }

            foreach (var file in AdvisoryFiles.List(path))
            {
                var before = writer.Advisories;
                var newest = ReadFile(writer, file, cancellationToken);
                sources.Add(new AdvisorySource(Path.GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(path))!, Path.GetFullPath(file)).Replace('\\', '/'), writer.Advisories - before, asOf ?? newest));
            }
        }

        if (writer.Advisories == 0)
        {
            throw Unusable($"There is no advisory in {string.Join(", ", inputs.Select(i => $"'{i.Path}'"))}", null);
        }

        var known = sources.Where(s => s.Advisories > 0).ToList();
        // With stated days, the oldest counts: an index is as current as its most outdated part.
        var current = inputs.All(i => i.AsOf is not null) ? known.Min(s => s.AsOf) : known.Max(s => s.AsOf);
        writer.Complete(time.GetUtcNow(), current, AdvisorySourceList.Write(sources));
        return sources;
    }

    private static DateTimeOffset ReadFile(AdvisoryIndexWriter writer, string file, CancellationToken cancellationToken)
    {
        try
        {
            return AdvisoryFiles.IsZip(file) ? ReadZip(writer, file, cancellationToken) : AdvisoryDocuments.Add(writer, AdvisoryFiles.ReadPlain(file));
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException or KeyNotFoundException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw Unusable($"The advisory file '{file}' cannot be read ({e.Message.TrimEnd('.')})", e);
        }
    }

    /// <summary>Inflating and reading JSON is what takes the time: every processor reads records of one batch, while those of the last are added in the zip's order.</summary>
    private static DateTimeOffset ReadZip(AdvisoryIndexWriter writer, string file, CancellationToken cancellationToken)
    {
        using var zip = new ZipRecords(file);
        var newest = default(DateTimeOffset);
        Task<ParsedRecord[]>? parsing = null;
        try
        {
            foreach (var batch in AdvisoryFiles.Records(zip).Chunk(BatchRecords).Append([]))
            {
                var last = parsing;
                parsing = Task.Run(() => Parse(zip, batch, cancellationToken), cancellationToken);
                foreach (var (name, record, problem) in last?.GetAwaiter().GetResult() ?? [])
                {
                    if (problem is not null)
                    {
                        throw Unusable($"The advisory file '{file}: {name}' cannot be read ({problem.Message.TrimEnd('.')})", problem);
                    }

                    if (record is not null)
                    {
                        writer.Add(record, AdvisoryDocuments.Osv);
                        newest = record.Modified > newest ? record.Modified : newest;
                    }
                }
            }
        }
        finally
        {
            // The zip is not closed under whoever still reads it.
            ((IAsyncResult?)parsing)?.AsyncWaitHandle.WaitOne();
        }

        return newest;
    }

    private static ParsedRecord[] Parse(ZipRecords zip, ZipRecord[] batch, CancellationToken cancellationToken)
    {
        var parsed = new ParsedRecord[batch.Length];
        Parallel.For(0, batch.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            try
            {
                parsed[i] = new(batch[i].Name, OsvReader.Read(zip.Read(batch[i])), null);
            }
            catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException or FormatException or IOException)
            {
                parsed[i] = new(batch[i].Name, null, e);
            }
        });
        return parsed;
    }

    private readonly record struct ParsedRecord(string Name, Advisory? Record, Exception? Problem);

    private static GuardException Unusable(string what, Exception? inner) =>
        new("CBG9010", GuardFailure.Environment, $"{what}: fetch it again with `cbg advisories update`, or name an OSV zip, a folder of them or an index with --advisories (ContainerBuildGuardAdvisories).", inner);
}
