using System.Globalization;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Reads <c>[[address:]host:]container[/protocol]</c> with ranges and bracketed IPv6 addresses, the form that Compose and Podman share.</summary>
internal static class PortText
{
    private const int MostOfRange = 256;

    public static IEnumerable<PublishedPort> Parse(string text, Node at)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var (ports, protocol) = slash < 0 ? (text, "tcp") : (text[..slash], text[(slash + 1)..]);
        string? address = null;
        if (ports.StartsWith('[') && ports.IndexOf(']', StringComparison.Ordinal) is var close and > 0)
        {
            (address, ports) = (ports[1..close], ports[(close + 1)..].TrimStart(':'));
        }

        var parts = ports.Split(':');
        if (parts.Length >= 3)
        {
            // An unbracketed IPv6 address has colons of its own.
            address = string.Join(':', parts[..^2]);
        }

        var container = Range(parts[^1]);
        var host = parts.Length > 1 ? Range(parts[^2]) : [];
        for (var i = 0; i < container.Count; i++)
        {
            int? hostPort = host.Count == 0 ? null : host[Math.Min(i, host.Count - 1)];
            yield return new PublishedPort(container[i], hostPort, address, at) { Published = true, Protocol = protocol };
        }
    }

    private static List<int> Range(string text)
    {
        var ends = text.Split('-');
        return int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first) && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && first is > 0 and <= 65535 && last >= first
            ? [.. Enumerable.Range(first, Math.Min(last - first + 1, MostOfRange))]
            : [];
    }
}
