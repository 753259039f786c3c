using System.Net;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Whether an address never leaves this machine.</summary>
internal static class Loopback
{
    /// <summary>The host of <c>tcp://host:port</c>, <c>host:port</c>, <c>[::1]:port</c> or a bare host or network.</summary>
    public static string HostOf(string address)
    {
        var rest = address.Contains("://", StringComparison.Ordinal) ? address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..] : address;
        if (rest.StartsWith('['))
        {
            return rest[1..Math.Max(1, rest.IndexOf(']', StringComparison.Ordinal))];
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        rest = slash < 0 ? rest : rest[..slash];
        return rest.Count(c => c == ':') == 1 ? rest[..rest.IndexOf(':', StringComparison.Ordinal)] : rest;
    }

    public static bool Is(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    /// <summary>For networks in CIDR form: inside 127.0.0.0/8, or ::1 alone. 127.0.0.0/1 is half of the internet.</summary>
    public static bool IsNetwork(string network) => IPNetwork.TryParse(network, out var parsed)
        ? IPAddress.IsLoopback(parsed.BaseAddress) && parsed.PrefixLength >= (parsed.BaseAddress.GetAddressBytes().Length == 4 ? 8 : 128)
        : Is(HostOf(network));
}
