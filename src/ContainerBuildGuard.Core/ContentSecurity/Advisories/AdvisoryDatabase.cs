using System.IO.Compression;
using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Advisories by ecosystem and package, read from OSV records.</summary>
public sealed class AdvisoryDatabase
{
    private const int MaxRecordBytes = 16 << 20;
    private const long MaxTotalBytes = 8L << 30;
    private readonly Dictionary<(string Ecosystem, string Name), List<(Advisory Advisory, AffectedPackage Affected)>> _byPackage = [];
    private long _bytes;

    private AdvisoryDatabase()
    {
    }

    /// <summary>Records read, withdrawn ones not counted.</summary>
    public int Count { get; private set; }

    /// <summary>When the newest record was changed: what the database knows ends there.</summary>
    public DateTimeOffset AsOf { get; private set; }

    /// <summary>Reads an OSV record (<c>.json</c>), a zip of them, or a folder of both, folders below included.</summary>
    /// <exception cref="GuardException">CBG9010: nothing there, or a record that cannot be read.</exception>
    public static async Task<AdvisoryDatabase> LoadAsync(string path, CancellationToken cancellationToken)
    {
        var database = new AdvisoryDatabase();
        string[] files = File.Exists(path) ? [path]
            : Directory.Exists(path) ? [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(f => Path.GetExtension(f) is ".json" or ".zip").Order(StringComparer.Ordinal)]
            : throw Missing($"There is no advisory database at '{path}'");
        foreach (var file in files)
        {
            try
            {
                await database.ReadAsync(file, cancellationToken);
            }
            catch (Exception e) when (e is JsonException or InvalidDataException or InvalidOperationException or KeyNotFoundException or IOException or UnauthorizedAccessException)
            {
                throw new GuardException("CBG9010", GuardFailure.Environment, $"The advisory file '{file}' cannot be read ({e.Message.TrimEnd('.')}): get it again with `cbg advisories update`, or take it out of the folder.", e);
            }
        }

        return database.Count > 0 ? database : throw Missing($"The advisory database at '{path}' holds no advisory");
    }

    internal IEnumerable<(Advisory Advisory, AffectedPackage Affected)> For(Package package)
    {
        var name = Normalise(package.Ecosystem, package.SourceName ?? package.Name);
        return _byPackage.GetValueOrDefault((package.Ecosystem, name), []).Where(a => a.Affected.Release.Length == 0 || a.Affected.Release == package.EcosystemRelease);
    }

    private static GuardException Missing(string what) =>
        new("CBG9010", GuardFailure.Environment, $"{what}: run `cbg advisories update`, or set ContainerBuildGuardAdvisories (--advisories) to an OSV zip or folder.");

    private static string Normalise(string ecosystem, string name) => ecosystem == "NuGet" ? name.ToLowerInvariant() : name;

    private async Task ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (!file.EndsWith(".zip", StringComparison.OrdinalIgnoreCase))
        {
            await using var stream = File.OpenRead(file);
            await AddAsync(stream, stream.Length, cancellationToken);
            return;
        }

        using var zip = ZipFile.OpenRead(file);
        foreach (var entry in zip.Entries.Where(e => e.Name.EndsWith(".json", StringComparison.Ordinal)))
        {
            await using var stream = await entry.OpenAsync(cancellationToken);
            await AddAsync(stream, entry.Length, cancellationToken);
        }
    }

    private async Task AddAsync(Stream stream, long size, CancellationToken cancellationToken)
    {
        _bytes += size;
        if (size > MaxRecordBytes || _bytes > MaxTotalBytes)
        {
            throw new InvalidDataException(size > MaxRecordBytes ? $"a record has {size} bytes, over the limit of {MaxRecordBytes}" : $"the records have more than {MaxTotalBytes} bytes together");
        }

        var bytes = new byte[size];
        await stream.ReadExactlyAsync(bytes, cancellationToken);
        if (OsvReader.Read(bytes) is not { } advisory)
        {
            return;
        }

        Count++;
        AsOf = advisory.Modified > AsOf ? advisory.Modified : AsOf;
        foreach (var affected in advisory.Affected)
        {
            var key = (affected.Ecosystem, Normalise(affected.Ecosystem, affected.Name));
            if (!_byPackage.TryGetValue(key, out var list))
            {
                _byPackage[key] = list = [];
            }

            list.Add((advisory, affected));
        }
    }
}
