using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>One source of an index, as <c>status</c> shows it.</summary>
public sealed record AdvisorySource(string Name, int Advisories, DateTimeOffset AsOf);

/// <summary>Makes an index from local files: OSV records, zips and folders of them, NuGet's vulnerability pages, .NET's CVE files, KEV and EPSS.</summary>
public static class AdvisoryBuilder
{
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
        var name = file;
        try
        {
            if (!file.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
            {
                return AdvisoryFiles.Read(file, cancellationToken).Select(d => AdvisoryDocuments.Add(writer, d)).Max();
            }

            // Reading JSON is what takes the time: every processor reads records, which are then added in the zip's order.
            var newest = default(DateTimeOffset);
            foreach (var (document, record, problem) in AdvisoryFiles.Read(file, cancellationToken).AsParallel().AsOrdered().Select(Parse))
            {
                name = $"{file}: {document}";
                if (problem is not null)
                {
                    throw problem;
                }

                if (record is not null)
                {
                    writer.Add(record, AdvisoryDocuments.Osv);
                    newest = record.Modified > newest ? record.Modified : newest;
                }
            }

            return newest;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException or KeyNotFoundException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw Unusable($"The advisory file '{name}' cannot be read ({e.Message.TrimEnd('.')})", e);
        }
        catch (AggregateException e) when (e.InnerException is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw Unusable($"The advisory file '{file}' cannot be read ({e.InnerException.Message.TrimEnd('.')})", e.InnerException);
        }
    }

    private static (string Document, Advisory? Record, Exception? Problem) Parse(AdvisoryDocument document)
    {
        try
        {
            return (document.Name, OsvReader.Read(document.Bytes.Span), null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return (document.Name, null, e);
        }
    }

    private static GuardException Unusable(string what, Exception? inner) =>
        new("CBG9010", GuardFailure.Environment, $"{what}: fetch it again with `cbg advisories update`, or name an OSV zip, a folder of them or an index with --advisories (ContainerBuildGuardAdvisories).", inner);
}
