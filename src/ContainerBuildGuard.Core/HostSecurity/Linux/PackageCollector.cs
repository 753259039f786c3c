using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The package manager's own files; nothing is downloaded and nothing run.</summary>
internal static class PackageCollector
{
    private const int MaxListBytes = 64 << 20;

    public static Probed<PackageFacts> Collect(HostReader host, DateTimeOffset now)
    {
        var apt = host.Exists("/var/lib/dpkg/status");
        var apk = !apt && host.Exists("/lib/apk/db/installed");
        var rpm = !apt && !apk && (host.Exists("/var/lib/rpm") || host.Exists("/usr/lib/sysimage/rpm"));
        if (!apt && !apk && !rpm)
        {
            return Probed<PackageFacts>.Absent;
        }

        return new PackageFacts
        {
            Manager = apt ? "apt" : apk ? "apk" : "rpm",
            Changed = Newest(host, "/var/lib/dpkg/status", "/lib/apk/db/installed", "/var/lib/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite", "/var/lib/rpm/Packages"),
            ListsFetched = Newest(host, [.. apt ? host.Expand("/var/lib/apt/lists/*Release") : apk ? host.Expand("/var/cache/apk/APKINDEX*") : host.Expand("/var/cache/dnf/*.solv")]),
            Pending = apt ? AptUpdates(host) : Probed<ImmutableArray<PendingUpdate>>.Unreadable(apk
                ? "apk does not say which updates are for security; run `apk version -l '<'`"
                : "rpm's database is not read by the guard; run `dnf updateinfo list --security`"),
            AutomaticUpdates = Automatic(host, apt),
            UnverifiedSources = UnverifiedSources(host),
        };
    }

    private static Probed<DateTimeOffset> Newest(HostReader host, params IEnumerable<string> paths)
    {
        var times = paths.Select(host.Stat).Where(f => f.Found).Select(f => f.Value.Modified).ToArray();
        return times.Length == 0 ? Probed<DateTimeOffset>.Absent : times.Max();
    }

    private static Probed<ImmutableArray<PendingUpdate>> AptUpdates(HostReader host)
    {
        string[] lists = [.. host.Expand("/var/lib/apt/lists/*_Packages*").Where(p => p.Contains("security", StringComparison.Ordinal))];
        if (lists.Length == 0)
        {
            return Probed<ImmutableArray<PendingUpdate>>.Unreadable("there is no list of a security archive in /var/lib/apt/lists; run `apt-get update` first");
        }

        if (lists.FirstOrDefault(l => !l.EndsWith("_Packages", StringComparison.Ordinal)) is { } compressed)
        {
            return Probed<ImmutableArray<PendingUpdate>>.Unreadable($"{compressed} is compressed; set Acquire::GzipIndexes \"false\" and run `apt-get update`");
        }

        var status = host.Text("/var/lib/dpkg/status", MaxListBytes);
        if (!status.Found)
        {
            return status.Select(_ => ImmutableArray<PendingUpdate>.Empty);
        }

        var installed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var package in Paragraphs(status.Value).Where(p => p.Status.EndsWith(" installed", StringComparison.Ordinal)))
        {
            installed[$"{package.Name}:{package.Architecture}"] = package.Version;
        }

        var updates = new SortedDictionary<string, PendingUpdate>(StringComparer.Ordinal);
        foreach (var list in lists)
        {
            var text = host.Text(list, MaxListBytes);
            if (!text.Found)
            {
                return text.Select(_ => ImmutableArray<PendingUpdate>.Empty);
            }

            foreach (var package in Paragraphs(text.Value))
            {
                if (installed.TryGetValue($"{package.Name}:{package.Architecture}", out var version) && DebianVersion.Compare(package.Version, version) > 0
                    && (!updates.TryGetValue(package.Name, out var known) || DebianVersion.Compare(package.Version, known.Available) > 0))
                {
                    updates[package.Name] = new PendingUpdate(package.Name, version, package.Version);
                }
            }
        }

        return updates.Values.ToImmutableArray();
    }

    private static IEnumerable<(string Name, string Version, string Architecture, string Status)> Paragraphs(string text)
    {
        var (name, version, architecture, status) = ("", "", "", "");
        foreach (var line in text.AsMemory().Lines())
        {
            var span = line.Span;
            if (span.IsEmpty && name.Length > 0)
            {
                yield return (name, version, architecture, status);
                (name, version, architecture, status) = ("", "", "", "");
            }
            else if (span.StartsWith("Package: "))
            {
                name = span[9..].Trim().ToString();
            }
            else if (span.StartsWith("Version: "))
            {
                version = span[9..].Trim().ToString();
            }
            else if (span.StartsWith("Architecture: "))
            {
                architecture = span[14..].Trim().ToString();
            }
            else if (span.StartsWith("Status: "))
            {
                status = span[8..].Trim().ToString();
            }
        }

        if (name.Length > 0)
        {
            yield return (name, version, architecture, status);
        }
    }

    private static IEnumerable<ReadOnlyMemory<char>> Lines(this ReadOnlyMemory<char> text)
    {
        while (!text.IsEmpty)
        {
            var end = text.Span.IndexOf('\n');
            yield return end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
        }
    }

    private static Probed<bool> Automatic(HostReader host, bool apt)
    {
        var problems = new List<string>();
        var on = apt
            ? host.Expand("/etc/apt/apt.conf.d/*", problems).Any(f => host.Text(f, problems).Replace(" ", "", StringComparison.Ordinal).Contains("APT::Periodic::Unattended-Upgrade\"1\"", StringComparison.Ordinal))
            : HostReader.Lines(host.Text("/etc/dnf/automatic.conf", problems)).Any(l => l.Text.Replace(" ", "", StringComparison.Ordinal) is "apply_updates=yes" or "apply_updates=true");
        return !on && problems.Count > 0 ? Probed<bool>.Unreadable(string.Join("; ", problems)) : on;
    }

    /// <summary>Sources from which packages are taken without a verified signature.</summary>
    private static Probed<ImmutableArray<string>> UnverifiedSources(HostReader host)
    {
        var problems = new List<string>();
        var found = new List<string>();
        void Look(string pattern, Func<string, bool> bad)
        {
            foreach (var file in host.Expand(pattern, problems))
            {
                found.AddRange(HostReader.Lines(host.Text(file, problems)).Where(l => bad(l.Text.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant())).Select(l => $"{file}:{l.Number}"));
            }
        }

        static bool AptSource(string line) => line.Contains("trusted=yes", StringComparison.Ordinal) || line.StartsWith("trusted:yes", StringComparison.Ordinal) || line.Contains("allow-insecure=yes", StringComparison.Ordinal);
        Look("/etc/apt/sources.list", AptSource);
        Look("/etc/apt/sources.list.d/*.list", AptSource);
        Look("/etc/apt/sources.list.d/*.sources", AptSource);
        Look("/etc/apt/apt.conf.d/*", l => l.Contains("allowunauthenticated\"true\"", StringComparison.Ordinal) || l.Contains("allowinsecurerepositories\"true\"", StringComparison.Ordinal));
        Look("/etc/dnf/dnf.conf", l => l is "gpgcheck=0" or "gpgcheck=false" or "gpgcheck=no");
        Look("/etc/yum.repos.d/*.repo", l => l is "gpgcheck=0" or "gpgcheck=false" or "gpgcheck=no");
        return found.Count == 0 && problems.Count > 0 ? Probed<ImmutableArray<string>>.Unreadable(string.Join("; ", problems)) : found.ToImmutableArray();
    }
}
