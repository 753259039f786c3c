using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The package manager's own files; nothing is downloaded and nothing run.</summary>
internal static class PackageCollector
{
    public static Probed<PackageFacts> Collect(HostReader host, DateTimeOffset now)
    {
        var apt = host.Exists("/var/lib/dpkg/status");
        var apk = apt ? null : ApkUpdates.Database(host);
        var rpm = !apt && apk is null && (host.Exists("/var/lib/rpm") || host.Exists("/usr/lib/sysimage/rpm"));
        if (!apt && apk is null && !rpm)
        {
            return Probed<PackageFacts>.Absent;
        }

        return new PackageFacts
        {
            Manager = apt ? "apt" : apk is not null ? "apk" : "rpm",
            Changed = Newest(host, ["/var/lib/dpkg/status", .. apk is null ? [] : (string[])[apk], "/var/lib/rpm/rpmdb.sqlite", "/usr/lib/sysimage/rpm/rpmdb.sqlite", "/var/lib/rpm/Packages"]),
            ListsFetched = Newest(host, [.. apt ? host.Expand("/var/lib/apt/lists/*Release") : apk is not null ? ApkUpdates.Indexes(host) : RpmUpdates.Metadata(host)]),
            Pending = apt ? AptUpdates.Pending(host) : apk is not null ? ApkUpdates.Pending(host, apk) : RpmUpdates.Pending(host),
            AutomaticUpdates = Automatic(host, apt),
            UnverifiedSources = UnverifiedSources(host),
        };
    }

    private static Probed<DateTimeOffset> Newest(HostReader host, params IEnumerable<string> paths)
    {
        var times = paths.Select(host.Stat).Where(f => f.Found).Select(f => f.Value.Modified).ToArray();
        return times.Length == 0 ? Probed<DateTimeOffset>.Absent : times.Max();
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
