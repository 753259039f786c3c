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

        var database = host.Bytes(installedFile, MaxBytes);
        if (!database.Found)
        {
            return database.Select(_ => ImmutableArray<PendingUpdate>.Empty);
        }

        var installed = ApkPackage.Read(database.Value).Where(p => p is { Name.Length: > 0, Version.Length: > 0 }).GroupBy(p => p.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Last().Version, StringComparer.Ordinal);
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
                    var bytes = new byte[entry.Length];
                    content.ReadExactly(bytes);
                    foreach (var package in ApkPackage.Read(bytes))
                    {
                        if (package.Version.Length > 0 && installed.TryGetValue(package.Name, out var here))
                        {
                            newer.Offer(package.Name, here, package.Version);
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
}
