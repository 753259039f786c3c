using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>Passwords can be guessed from the network, and root should not be reached from it at all.</summary>
internal sealed class SshServerCheck : IHostCheck
{
    private const string DefaultFile = "/etc/ssh/sshd_config";

    public Rule Rule => HostSecurityRules.SshServer;

    public HostCheckResult Run(HostContext host)
    {
        var processes = host.Probe.Processes();

        // A listening sshd rewrites its title ("sshd: /usr/sbin/sshd -D [listener] …"), so that one argument may hold the whole line.
        var running = processes.Found
            ? processes.Value.Select(p => string.Join(' ', p.Arguments).Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(IsServer)
            : null;
        if (running is null && !host.Probe.Stat("/usr/sbin/sshd").Found && !host.Probe.Stat("/usr/bin/sshd").Found)
        {
            return processes.Found
                ? HostCheckResult.NotApplicable("No SSH server is installed or running.")
                : HostCheckResult.NotChecked(processes.Problem ?? "The process list cannot be read.");
        }

        var file = running is not null && Array.IndexOf(running, "-f") is >= 0 and var at && at + 1 < running.Length ? running[at + 1] : DefaultFile;
        var configuration = new SshConfiguration(host.Probe);
        configuration.Read(file);
        return HostCheckResult.Of(Judge(configuration, file), configuration.Problems, $"{file} refuses root and passwords.");
    }

    private static bool IsServer(string[] words) =>
        words is [var first, ..] && (first == "sshd:" ? words.Contains("[listener]") : first == "sshd" || first.EndsWith("/sshd", StringComparison.Ordinal));

    private IEnumerable<Finding> Judge(SshConfiguration configuration, string file)
    {
        if (configuration.Problems.Count > 0 && configuration.Values.Count == 0)
        {
            // Nothing was read: sshd's defaults would be a guess.
            yield break;
        }

        string Value(string keyword, string otherwise) => configuration.Values.GetValueOrDefault(keyword, otherwise).ToLowerInvariant();

        var root = Value("PermitRootLogin", "prohibit-password");
        if (root != "no")
        {
            yield return Found(file, "PermitRootLogin", root == "yes" ? Severity.High : Severity.Low,
                root == "yes" ? "The SSH server lets root log in." : $"The SSH server lets root log in with a key (PermitRootLogin {root}).", "PermitRootLogin no");
        }

        var keyboard = configuration.Values.ContainsKey("KbdInteractiveAuthentication") ? "KbdInteractiveAuthentication" : "ChallengeResponseAuthentication";
        if (Value("PasswordAuthentication", "yes") == "yes")
        {
            yield return Found(file, "PasswordAuthentication", Rule.DefaultSeverity, "The SSH server accepts passwords.", "PasswordAuthentication no");
        }
        else if (Value(keyboard, "yes") == "yes" && Value("UsePAM", "no") == "yes")
        {
            yield return Found(file, "KbdInteractiveAuthentication", Rule.DefaultSeverity, "The SSH server accepts passwords through PAM's keyboard-interactive dialogue.", "KbdInteractiveAuthentication no");
        }

        if (Value("PermitEmptyPasswords", "no") == "yes")
        {
            yield return Found(file, "PermitEmptyPasswords", Severity.High, "The SSH server accepts empty passwords.", "PermitEmptyPasswords no");
        }

        foreach (var (condition, keyword, value) in configuration.Conditional)
        {
            if (value.Equals("yes", StringComparison.OrdinalIgnoreCase) && IsOneOf(keyword, "PermitRootLogin", "PasswordAuthentication", "PermitEmptyPasswords"))
            {
                yield return Found(file, $"{keyword} {condition}", Rule.DefaultSeverity, $"The SSH server has {keyword} yes for connections that match {condition}.", $"{keyword} no");
            }
        }
    }

    private static bool IsOneOf(string keyword, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (keyword.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private Finding Found(string file, string key, Severity severity, string message, string setting) => new()
    {
        Rule = Rule,
        Severity = severity,
        Message = message,
        Remedy = $"Write `{setting}` into /etc/ssh/sshd_config.d/00-hardening.conf (the first value wins), check with `sshd -t`, and run `systemctl reload ssh`.",
        Key = key,
        Location = new() { Path = file },
    };
}
