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

        var newer = new NewerVersions(DebianVersion.Compare);
        foreach (var list in lists)
        {
            var text = CompressedFile.Text(host, list, MaxListBytes);
            if (text.Problem is { } problem)
            {
                newer.Problems.Add(problem);
            }

            foreach (var package in Paragraphs(text.Found ? text.Value : ""))
            {
                if (installed.TryGetValue($"{package.Name}:{package.Architecture}", out var version))
                {
                    newer.Offer(package.Name, version, package.Version);
                }
            }
        }

        return newer.Answer();
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
}
