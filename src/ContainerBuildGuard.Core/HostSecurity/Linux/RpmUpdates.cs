using System.Collections.Immutable;
using System.Xml;
using ContainerBuildGuard.HostSecurity.Facts;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>Installed packages that a security advisory in dnf's cached metadata (<c>updateinfo.xml</c>) has a newer version of, as <c>dnf updateinfo list --security</c> tells.</summary>
internal static class RpmUpdates
{
    private const int MaxDatabaseBytes = 128 << 20;
    private const int MaxAdvisoryBytes = 32 << 20;
    private static readonly string[] Caches = ["/var/cache/dnf", "/var/cache/libdnf5"];

    /// <summary>What tells when metadata was last fetched.</summary>
    public static IEnumerable<string> Metadata(HostReader host) => [.. host.Expand("/var/cache/dnf/*.solv"), .. Caches.SelectMany(c => host.Expand($"{c}/*/repodata/repomd.xml"))];

    public static Probed<ImmutableArray<PendingUpdate>> Pending(HostReader host)
    {
        var newer = new NewerVersions(RpmVersion.Compare);
        var enabled = RpmRepositories.Enabled(host, newer.Problems);
        // A folder of the cache is named by its repository and the hash of where that was fetched from. Those of repositories that are off by now say nothing.
        string[] advisories = [.. Caches.SelectMany(c => host.Expand($"{c}/*/repodata/*updateinfo.xml*", newer.Problems)).Where(p => p.Split('/')[^3] is var folder && folder.LastIndexOf('-') is > 0 and var dash && enabled.Contains(folder[..dash]))];
        if (advisories.Length == 0)
        {
            return Probed<ImmutableArray<PendingUpdate>>.Unreadable(string.Join("; ", newer.Problems.Append("the advisories of no enabled repository are in dnf's cache: run `dnf makecache` (a distribution may publish none)")));
        }

        if (Installed(host, newer.Problems) is not { } installed)
        {
            return newer.Answer();
        }

        foreach (var path in advisories)
        {
            Compare(host, path, installed, newer);
        }

        return newer.Answer();
    }

    /// <summary>The newest installed of each name and architecture: kernels are kept side by side.</summary>
    private static Dictionary<(string Name, string Architecture), RpmHeader>? Installed(HostReader host, List<string> problems)
    {
        var path = RpmDatabase.Folders.SelectMany(f => RpmDatabase.Names.Select(n => $"/{f}{n}")).FirstOrDefault(host.Exists);
        var file = path is null ? Probed<ReadOnlyMemory<byte>>.Absent : host.Bytes(path, MaxDatabaseBytes);
        if (!file.Found)
        {
            problems.Add(file.Problem ?? "there is no database of installed packages in /var/lib/rpm or /usr/lib/sysimage/rpm");
            return null;
        }

        var log = host.Bytes($"{path}-wal", MaxDatabaseBytes);
        if (log.Problem is { } unread)
        {
            problems.Add(unread);
        }

        var installed = new Dictionary<(string, string), RpmHeader>();
        try
        {
            foreach (var blob in RpmDatabase.Headers(file.Value.ToArray(), log.Found ? log.Value.ToArray() : []))
            {
                if (RpmHeader.Parse(blob) is { } header && (!installed.TryGetValue((header.Name, header.Architecture), out var known) || RpmVersion.Compare(header.FullVersion, known.FullVersion) > 0))
                {
                    installed[(header.Name, header.Architecture)] = header;
                }
            }
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            problems.Add($"{path} cannot be read ({e.Message.TrimEnd('.')})");
            return null;
        }

        return installed;
    }

    private static void Compare(HostReader host, string path, Dictionary<(string Name, string Architecture), RpmHeader> installed, NewerVersions newer)
    {
        var file = CompressedFile.Open(host, path, MaxAdvisoryBytes);
        if (!file.Found)
        {
            newer.Problems.Add(file.Problem ?? $"{path} is gone");
            return;
        }

        using var stream = file.Value;
        try
        {
            foreach (var package in SecurityAdvisories.Packages(stream))
            {
                // A module's package is an update only for who has this stream of it.
                if (installed.TryGetValue((package.Name, package.Architecture), out var here) && (package.Module.Length == 0 ? here.Module.Length == 0 : here.Module.StartsWith(package.Module + ":", StringComparison.Ordinal)))
                {
                    newer.Offer(package.Name, here.FullVersion, package.FullVersion);
                }
            }
        }
        catch (Exception e) when (e is XmlException or InvalidDataException or ZstdSharp.ZstdException or EndOfStreamException)
        {
            newer.Problems.Add($"{path} is damaged ({e.Message.TrimEnd('.')})");
        }
    }
}
