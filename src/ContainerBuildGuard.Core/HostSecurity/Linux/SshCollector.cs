using System.Collections.Immutable;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.Linux;

internal static class SshCollector
{
    private const string DefaultFile = "/etc/ssh/sshd_config";

    public static Probed<SshFacts> Collect(HostReader host)
    {
        var processes = host.Probe.Processes();

        // A listening sshd rewrites its title ("sshd: /usr/sbin/sshd -D [listener] …"), so that one argument may hold the whole line.
        var running = processes.Found
            ? processes.Value.Select(p => string.Join(' ', p.Arguments).Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(IsServer)
            : null;
        var present = running is not null || host.Exists("/usr/sbin/sshd") || host.Exists("/usr/bin/sshd");
        if (!present && processes.Problem is { } problem)
        {
            return Probed<SshFacts>.Unreadable(problem);
        }

        var file = running is not null && Array.IndexOf(running, "-f") is >= 0 and var at && at + 1 < running.Length ? running[at + 1] : DefaultFile;
        var configuration = new SshConfiguration(host);
        if (present)
        {
            configuration.Read(file);
            host.Group("ssh-config", file, "/etc/ssh/sshd_config.d/*.conf");
            host.Group("ssh-host-key", "/etc/ssh/ssh_host_*_key");
        }

        return new SshFacts
        {
            Present = present,
            File = file,
            Values = configuration.Values.ToImmutableSortedDictionary(StringComparer.OrdinalIgnoreCase),
            Conditional = [.. configuration.Conditional],
            Problems = [.. configuration.Problems],
        };
    }

    private static bool IsServer(string[] words) =>
        words is [var first, ..] && (first == "sshd:" ? words.Contains("[listener]") : first == "sshd" || first.EndsWith("/sshd", StringComparison.Ordinal));
}
