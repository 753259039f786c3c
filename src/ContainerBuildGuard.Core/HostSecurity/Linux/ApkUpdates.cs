using System.Collections.Immutable;
using System.Formats.Tar;
using ContainerBuildGuard.HostSecurity.Facts;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>Installed packages of Alpine that a cached index has a newer version of. An index does not say which updates are for security.</summary>
internal static class ApkUpdates
{
    private const int MaxBytes = 64 << 20;

    /// <summary>The list of installed packages; null where there is none.</summary>
    public static string? Database(HostReader host) => ApkDatabase.Places.Select(p => $"/{p}").FirstOrDefault(host.Exists);

    /// <summary>The indexes that <c>apk update</c> left behind.</summary>
    public static IEnumerable<string> Indexes(HostReader host) => [.. host.Expand("/var/cache/apk/APKINDEX.*.tar.gz"), .. host.Expand("/etc/apk/cache/APKINDEX.*.tar.gz")];

    public static Probed<ImmutableArray<PendingUpdate>> Pending(HostReader host, string installedFile)
    {
        string[] indexes = [.. Indexes(host)];
        if (indexes.Length == 0)
        {
            return Probed<ImmutableArray<PendingUpdate>>.Unreadable("there is no index in /var/cache/apk; run `apk update` first");
        }

        var database = host.Text(installedFile, MaxBytes);
        if (!database.Found)
        {
            return database.Select(_ => ImmutableArray<PendingUpdate>.Empty);
        }

        using var reader = new StringReader(database.Value);
        var installed = Packages(reader).GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Version, StringComparer.Ordinal);
        var newer = new NewerVersions(ApkVersion.Compare);
        foreach (var index in indexes)
        {
            Compare(host, index, installed, newer);
        }

        return newer.Answer();
    }

    private static void Compare(HostReader host, string index, Dictionary<string, string> installed, NewerVersions newer)
    {
        var file = CompressedFile.Open(host, index, MaxBytes);
        if (!file.Found)
        {
            newer.Problems.Add(file.Problem ?? $"{index} is gone");
            return;
        }

        using var stream = file.Value;
        try
        {
            // The signature is an archive of its own before the index's, without an end mark: read as one.
            using var archive = new TarReader(stream);
            while (archive.GetNextEntry() is { } entry)
            {
                if (entry is { Name: "APKINDEX", DataStream: { } content, Length: <= MaxBytes })
                {
                    using var reader = new StreamReader(content);
                    foreach (var (name, version) in Packages(reader))
                    {
                        if (installed.TryGetValue(name, out var here))
                        {
                            newer.Offer(name, here, version);
                        }
                    }

                    return;
                }
            }

            newer.Problems.Add($"{index} holds no APKINDEX");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            newer.Problems.Add($"{index} is damaged ({e.Message.TrimEnd('.')})");
        }
    }

    /// <summary>Paragraphs of one-letter fields, in the database as in an index.</summary>
    private static IEnumerable<(string Name, string Version)> Packages(TextReader text)
    {
        var (name, version) = ("", "");
        while (true)
        {
            var line = text.ReadLine();
            if (string.IsNullOrEmpty(line))
            {
                if (name.Length > 0 && version.Length > 0)
                {
                    yield return (name, version);
                }

                (name, version) = ("", "");
                if (line is null)
                {
                    yield break;
                }
            }
            else if (line.StartsWith("P:", StringComparison.Ordinal))
            {
                name = line[2..];
            }
            else if (line.StartsWith("V:", StringComparison.Ordinal))
            {
                version = line[2..];
            }
        }
    }
}
