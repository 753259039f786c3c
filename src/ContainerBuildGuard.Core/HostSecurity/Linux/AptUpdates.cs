using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity.Facts;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>Installed packages that the lists of a security archive have a newer version of.</summary>
internal static class AptUpdates
{
    private const int MaxListBytes = 64 << 20;

    public static Probed<ImmutableArray<PendingUpdate>> Pending(HostReader host)
    {
        string[] lists = [.. host.Expand("/var/lib/apt/lists/*_Packages*").Where(p => p.Contains("security", StringComparison.Ordinal))];
        if (lists.Length == 0)
        {
            return Probed<ImmutableArray<PendingUpdate>>.Unreadable("there is no list of a security archive in /var/lib/apt/lists; run `apt-get update` first");
        }

        var status = host.Bytes("/var/lib/dpkg/status", MaxListBytes);
        if (!status.Found)
        {
            return status.Select(_ => ImmutableArray<PendingUpdate>.Empty);
        }

        var installed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var package in DpkgPackage.Read(status.Value).Where(p => p.State == "installed"))
        {
            installed[$"{package.Name}:{package.Architecture}"] = package.Version;
        }

        var newer = new NewerVersions(DebianVersion.Compare);
        foreach (var list in lists)
        {
            var bytes = CompressedFile.Bytes(host, list, MaxListBytes);
            if (bytes.Problem is { } problem)
            {
                newer.Problems.Add(problem);
            }

            foreach (var package in DpkgPackage.Read(bytes.Found ? bytes.Value : default))
            {
                if (installed.TryGetValue($"{package.Name}:{package.Architecture}", out var version))
                {
                    newer.Offer(package.Name, version, package.Version);
                }
            }
        }

        return newer.Answer();
    }
}
