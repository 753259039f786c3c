using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Secrets in a folder or file, before there is an image.</summary>
public static class SecretFolderScan
{
    private const int MaxFileBytes = 64 << 20;

    /// <summary>Scans <paramref name="path"/>; locations are relative to a folder, with slashes. Links are not followed; what cannot be read is a gap.</summary>
    public static async Task<ControlResult> ScanAsync(string path, CancellationToken cancellationToken)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.ReparsePoint };
        var folder = Directory.Exists(path);
        var files = folder ? Directory.EnumerateFiles(path, "*", options).Order(StringComparer.Ordinal) : (IEnumerable<string>)[path];
        var findings = new List<Finding>();
        var gaps = new List<Gap>();
        foreach (var file in files)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var name = folder ? Path.GetRelativePath(path, file).Replace('\\', '/') : Path.GetFileName(file);
            try
            {
                await ScanFileAsync(file, name, findings, gaps, cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                gaps.Add(new Gap("file", e.Message.TrimEnd('.'), null, name));
            }
        }

        return new ControlResult { Findings = findings, Gaps = gaps };
    }

    private static async Task ScanFileAsync(string file, string name, List<Finding> findings, List<Gap> gaps, CancellationToken cancellationToken)
    {
        var length = new FileInfo(file).Length;
        if (length > MaxFileBytes)
        {
            gaps.Add(new Gap("file", $"it has {length} bytes, over the limit of {MaxFileBytes}", null, name));
            return;
        }

        var bytes = await File.ReadAllBytesAsync(file, cancellationToken);
        var location = new Location { Path = name, Origin = Origin.App };
        var found = SecretFindings.Strongest(SecretScanner.Scan(bytes, app: true)).Select(m => SecretFindings.OfMatch(m, name, location)).ToList();
        if (found.Count == 0 && length > 0 && SecretFiles.Kind(name) is { } kind)
        {
            found.Add(SecretFindings.OfFile(kind, name, location));
        }

        findings.AddRange(found);
    }
}
