using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>TCP ports that listen, from /proc/net, with the process that holds them where the audit may see it.</summary>
internal static class NetworkCollector
{
    private const int MaxProcesses = 2000;

    public static Probed<NetworkFacts> Collect(HostReader host)
    {
        var four = host.Text("/proc/net/tcp");
        var six = host.Text("/proc/net/tcp6");
        if (!four.Found)
        {
            return new NetworkFacts(four.Select(_ => ImmutableArray<ListeningSocket>.Empty), FirewallCollector.Collect(host));
        }

        var rows = Rows(four.Value).Concat(six.Found ? Rows(six.Value) : []).ToArray();
        var owners = Owners(host, rows.Select(r => r.Inode).ToHashSet(StringComparer.Ordinal));
        return new NetworkFacts(rows
            .Select(r => owners.TryGetValue(r.Inode, out var owner)
                ? new ListeningSocket(r.Address, r.Port, r.Uid, owner.Name, owner.Program)
                : new ListeningSocket(r.Address, r.Port, r.Uid, null, null))
            .Distinct().OrderBy(s => s.Port).ThenBy(s => s.Address, StringComparer.Ordinal).ToImmutableArray(), FirewallCollector.Collect(host));
    }

    private static IEnumerable<(string Address, int Port, uint Uid, string Inode)> Rows(string text)
    {
        const string Listening = "0A";
        foreach (var fields in text.Split('\n').Skip(1).Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            if (fields.Length > 9 && fields[3] == Listening && fields[1].Split(':') is [var address, var port]
                && int.TryParse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) && Address(address) is { } ip)
            {
                yield return (ip, number, uint.TryParse(fields[7], CultureInfo.InvariantCulture, out var uid) ? uid : uint.MaxValue, fields[9]);
            }
        }
    }

    /// <summary>The kernel prints each 32-bit word in host order.</summary>
    private static string? Address(string hex)
    {
        if (hex.Length is not (8 or 32))
        {
            return null;
        }

        try
        {
            var bytes = Convert.FromHexString(hex);
            for (var at = 0; BitConverter.IsLittleEndian && at < bytes.Length; at += 4)
            {
                Array.Reverse(bytes, at, 4);
            }

            var address = new IPAddress(bytes);
            return (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static Dictionary<string, (string Name, string Program)> Owners(HostReader host, HashSet<string> inodes)
    {
        var owners = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
        var names = host.Probe.List("/proc");
        foreach (var pid in (names.Found ? names.Value : []).Where(n => n.All(char.IsAsciiDigit)).Take(MaxProcesses))
        {
            // Other users' descriptors are theirs to read; such a socket keeps its uid and no name.
            var descriptors = host.Probe.List($"/proc/{pid}/fd");
            foreach (var descriptor in descriptors.Found ? descriptors.Value : [])
            {
                if (host.Probe.ReadLink($"/proc/{pid}/fd/{descriptor}") is { Found: true, Value: var link } && link.StartsWith("socket:[", StringComparison.Ordinal)
                    && inodes.Contains(link[8..^1]) && !owners.ContainsKey(link[8..^1]))
                {
                    var program = host.Probe.ReadLink($"/proc/{pid}/exe");
                    var path = program.Found ? program.Value : "";
                    owners[link[8..^1]] = (path[(path.LastIndexOf('/') + 1)..], path);
                    host.Chain(path);
                }
            }
        }

        return owners;
    }
}
