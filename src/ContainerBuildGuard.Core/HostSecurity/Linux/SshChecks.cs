using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The SSH server, as it would read its configuration: the first value of a keyword wins, Match blocks count for some.</summary>
internal static class SshChecks
{
    private static readonly string[] WeakCiphers = ["3des-cbc", "aes128-cbc", "aes192-cbc", "aes256-cbc", "arcfour", "arcfour128", "arcfour256", "blowfish-cbc", "cast128-cbc", "rijndael-cbc@lysator.liu.se"];
    private static readonly string[] WeakMacs = ["hmac-md5", "hmac-md5-96", "hmac-sha1", "hmac-sha1-96", "umac-64@openssh.com", "hmac-ripemd160", "hmac-md5-etm@openssh.com", "hmac-sha1-etm@openssh.com", "umac-64-etm@openssh.com"];
    private static readonly string[] WeakExchanges = ["diffie-hellman-group1-sha1", "diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1"];
    private static readonly string[] WeakHostKeys = ["ssh-rsa", "ssh-dss", "ssh-rsa-cert-v01@openssh.com", "ssh-dss-cert-v01@openssh.com"];

    public static ImmutableArray<HostCheck> All { get; } =
    [
        Keyword("CBG5007", "SSH server permits root to log in", Severity.Medium, "PermitRootLogin", "prohibit-password", v => v == "no", "no", "The SSH server lets root log in", v => v == "yes" ? Severity.High : v is "prohibit-password" or "without-password" or "forced-commands-only" ? Severity.Low : null),
        Keyword("CBG5200", "SSH server accepts passwords", Severity.Medium, "PasswordAuthentication", "yes", v => v == "no", "no", "The SSH server accepts passwords, which can be guessed from the network"),
        Keyword("CBG5201", "SSH server accepts empty passwords", Severity.High, "PermitEmptyPasswords", "no", v => v == "no", "no", "The SSH server accepts empty passwords"),
        Interactive(),
        Keyword("CBG5202", "SSH server forwards X11", Severity.Low, "X11Forwarding", "no", v => v == "no", "no", "The SSH server forwards X11"),
        Keyword("CBG5203", "SSH server forwards agents", Severity.Low, "AllowAgentForwarding", "yes", v => v == "no", "no", "The SSH server forwards agents: root on this host can use the keys of whoever logs in"),
        Keyword("CBG5204", "SSH server forwards ports", Severity.Info, "AllowTcpForwarding", "yes", v => v is "no" or "local", "no", "The SSH server forwards TCP ports"),
        Keyword("CBG5205", "SSH server allows many guesses", Severity.Low, "MaxAuthTries", "6", v => int.TryParse(v, out var n) && n <= 4, "4", "The SSH server allows more than four guesses a connection"),
        Keyword("CBG5206", "SSH server logs too little", Severity.Low, "LogLevel", "info", v => v is "info" or "verbose", "VERBOSE", "The SSH server does not log who logged in with which key"),
        Algorithms("CBG5207", "SSH server offers weak ciphers", "Ciphers", WeakCiphers),
        Algorithms("CBG5208", "SSH server offers weak message authentication", "MACs", WeakMacs),
        Algorithms("CBG5209", "SSH server offers weak key exchange", "KexAlgorithms", WeakExchanges),
        Algorithms("CBG5212", "SSH server offers weak host keys", "HostKeyAlgorithms", WeakHostKeys),
        Keyword("CBG5213", "SSH server takes variables from users", Severity.Medium, "PermitUserEnvironment", "no", v => v == "no", "no", "The SSH server sets variables that a user's file names, LD_PRELOAD among them"),
        Keyword("CBG5214", "SSH server does not check the modes of keys", Severity.Medium, "StrictModes", "yes", v => v == "yes", "yes", "The SSH server trusts authorized_keys that others can write"),
        Keyword("CBG5215", "SSH server trusts other hosts", Severity.High, "HostbasedAuthentication", "no", v => v == "no", "no", "The SSH server lets users of trusted hosts in without a key of their own"),
        Keyword("CBG5216", "SSH server makes tunnels", Severity.Low, "PermitTunnel", "no", v => v == "no", "no", "The SSH server lets users join networks"),
        Keyword("CBG5217", "SSH server opens forwarded ports to the network", Severity.Medium, "GatewayPorts", "no", v => v == "no", "no", "Ports that users forward listen for the whole network"),
        Keyword("CBG5218", "SSH server waits long for a login", Severity.Info, "LoginGraceTime", "120", v => Seconds(v) is > 0 and <= 120, "60", "The SSH server holds connections open for a long time before anyone logged in"),
        FileCheck.Of(Rule("CBG5210", "SSH host key readable by others", Severity.High, "NIST SP 800-190 4.5.4"), "ssh-host-key", 0x1C0, 0x180, FileOwner.RootAnyGroup, "There is no SSH host key.", CheckScope.Host),
        FileCheck.Of(Rule("CBG5211", "SSH server configuration writable by others", Severity.High, "NIST SP 800-190 4.5.5"), "ssh-config", 0x1ED, 0x1A4, FileOwner.Root, "No SSH server is configured.", CheckScope.Host),
    ];

    private static HostCheck Keyword(string code, string title, Severity severity, string keyword, string otherwise, Func<string, bool> good, string set, string message, Func<string, Severity?>? how = null)
    {
        var rule = Rule(code, title, severity, "NIST SP 800-190 4.5.1");
        return Server(rule, ssh =>
        {
            var value = ssh.Values.GetValueOrDefault(keyword, otherwise).ToLowerInvariant();
            var findings = good(value) ? [] : new List<Finding> { Set(rule, ssh, keyword, set, $"{message} ({keyword} {value}{(ssh.Values.ContainsKey(keyword) ? "" : ", its default")}).", keyword, how?.Invoke(value)) };
            findings.AddRange(ssh.Conditional.Where(c => c.Keyword.Equals(keyword, StringComparison.OrdinalIgnoreCase) && !good(c.Value.ToLowerInvariant()))
                .Select(c => Set(rule, ssh, keyword, set, $"{message}, for connections that match {c.Condition} ({keyword} {c.Value}).", $"{keyword} {c.Condition}", null)));
            return findings;
        });
    }

    private static HostCheck Interactive()
    {
        var rule = Rule("CBG5219", "SSH server accepts passwords through PAM", Severity.Medium, "NIST SP 800-190 4.5.1");
        return Server(rule, ssh =>
        {
            var keyword = ssh.Values.ContainsKey("KbdInteractiveAuthentication") ? "KbdInteractiveAuthentication" : "ChallengeResponseAuthentication";
            bool Is(string name, string otherwise) => ssh.Values.GetValueOrDefault(name, otherwise).Equals("yes", StringComparison.OrdinalIgnoreCase);
            return !Is("PasswordAuthentication", "yes") && Is(keyword, "yes") && Is("UsePAM", "no")
                ? [Set(rule, ssh, "KbdInteractiveAuthentication", "no", "PasswordAuthentication is off, and PAM's keyboard-interactive dialogue accepts passwords all the same.", "KbdInteractiveAuthentication", null)] : [];
        });
    }

    private static HostCheck Algorithms(string code, string title, string keyword, string[] weak)
    {
        var rule = Rule(code, title, Severity.Medium, "NIST SP 800-190 4.5.1");
        return Server(rule, ssh =>
        {
            // A list that begins with - takes away from the default; ^ and + add to it. OpenSSH's own defaults hold none of these since 8.8.
            var list = ssh.Values.GetValueOrDefault(keyword, "");
            var named = list.StartsWith('-') ? [] : list.TrimStart('+', '^').Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Intersect(weak, StringComparer.OrdinalIgnoreCase).ToArray();
            return named.Length == 0 ? [] : [Set(rule, ssh, keyword, $"-{string.Join(',', named)}", $"The SSH server offers {List(named)}, which can be broken.", keyword, null)];
        });
    }

    private static HostCheck Server(Rule rule, Func<SshFacts, IReadOnlyCollection<Finding>> judge) => new(rule, CheckScope.Host, facts => HostCheckResult.Over(facts.Ssh, "", ssh =>
        !ssh.Present ? HostCheckResult.NotApplicable("No SSH server is installed or running.")
            // Nothing was read: sshd's defaults would be a guess.
            : ssh.Problems.Length > 0 && ssh.Values.Count == 0 ? HostCheckResult.NotChecked(string.Join("; ", ssh.Problems) + ".")
            : HostCheckResult.Of(judge(ssh), ssh.Problems, $"{ssh.File} is as it should be.")));

    private static Finding Set(Rule rule, SshFacts ssh, string keyword, string value, string message, string key, Severity? severity) => rule.Found(message,
        $"Write `{keyword} {value}` into /etc/ssh/sshd_config.d/00-hardening.conf (the first value wins), check with `sshd -t`, and run `systemctl reload ssh`.", ssh.File, key, severity,
        $"printf '%s\\n' {Quote($"{keyword} {value}")} >> /etc/ssh/sshd_config.d/00-hardening.conf && sshd -t && systemctl reload ssh");

    private static int Seconds(string time) => time switch
    {
        [.. var digits, 'm'] when int.TryParse(digits, out var minutes) => minutes * 60,
        [.. var digits, 's'] when int.TryParse(digits, out var seconds) => seconds,
        _ => int.TryParse(time, out var plain) ? plain : 0,
    };
}
