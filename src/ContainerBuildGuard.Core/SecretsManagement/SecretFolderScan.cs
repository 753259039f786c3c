using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Secrets in a folder or file, before there is an image.</summary>
public static class SecretFolderScan
{
    private const int MaxFileBytes = 256 << 20;

    /// <summary>Scans <paramref name="path"/>; locations are relative to a folder, with slashes. Links are not followed; what cannot be read is a gap.</summary>
    public static async Task<ControlResult> ScanAsync(string path, SecretsOptions options, CancellationToken cancellationToken)
    {
        var enumeration = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.ReparsePoint };
        var (scanner, findings) = (new ContentScanner(options.Scanner, options.Baseline, options.Live), new SecretFindings(options));
        var folder = Directory.Exists(path);
        string[] files = folder ? [.. Directory.EnumerateFiles(path, "*", enumeration).Order(StringComparer.Ordinal)] : [path];
        var results = new (List<Finding> Findings, Gap? Gap)[files.Length];
        await Parallel.ForAsync(0, files.Length, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, async (i, token) =>
        {
            var name = folder ? Path.GetRelativePath(path, files[i]).Replace('\\', '/') : Path.GetFileName(files[i]);
            try
            {
                results[i] = await ScanFileAsync(files[i], name, scanner, findings, token);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                results[i] = ([], new Gap("file", e.Message.TrimEnd('.'), null, name));
            }
        });
        List<Finding> all = [.. results.SelectMany(r => r.Findings)];
        return new ControlResult { Findings = options.Live is { } live ? await live.VerifyAsync(all, cancellationToken) : all, Gaps = [.. results.Select(r => r.Gap).OfType<Gap>()] };
    }

    private static async Task<(List<Finding> Findings, Gap? Gap)> ScanFileAsync(string file, string name, ContentScanner scanner, SecretFindings findings, CancellationToken cancellationToken)
    {
        var length = new FileInfo(file).Length;
        if (length > MaxFileBytes)
        {
            return ([], new Gap("file", $"it has {length} bytes, over the limit of {MaxFileBytes}", null, name));
        }

        var bytes = await File.ReadAllBytesAsync(file, cancellationToken);
        var location = new Location { Path = name, Origin = Origin.App };
        Gap? gap = null;
        var found = scanner.ScanWhole(bytes, new FileContext(name, IsApp: true), reason => gap ??= new Gap("file", reason, null, name))
            .ConvertAll(m => findings.OfMatch(m, name, location));
        if (found.Count == 0 && length > 0 && SecretFiles.Kind(name) is { } kind)
        {
            found.Add(SecretFindings.OfFile(kind, name, location));
        }

        return (found, gap);
    }
}
