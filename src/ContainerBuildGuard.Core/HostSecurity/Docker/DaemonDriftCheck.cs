using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Whether a daemon runs with what its command line and daemon.json say by now: a hardened file protects nothing until the daemon has read it.</summary>
internal static class DaemonDriftCheck
{
    private static readonly Rule Drift = Rule("CBG5043", "Running daemon differs from its settings", Severity.Medium, "NIST SP 800-190 4.4.3");

    public static HostCheck Check { get; } = new(Drift, CheckScope.Anywhere, facts => DockerPart.Judge(facts, Judge));

    private static HostCheckResult Judge(DockerFacts docker)
    {
        // Without its process nobody knows which file a daemon reads.
        DaemonFacts[] running = [.. docker.Daemons.Where(d => d.Running && d.Source.StartsWith("dockerd", StringComparison.Ordinal))];
        if (running.Length == 0)
        {
            return HostCheckResult.NotApplicable("No Docker daemon runs whose process and settings can be seen.");
        }

        string[] problems = [.. docker.Problems, .. running.Select(d => d.Engine.Problem).OfType<string>(), .. running.Where(d => d.Engine is { Found: false, Problem: null }).Select(d => $"{d.Source} has no socket that could be asked")];
        return HostCheckResult.Of(
            from daemon in running
            where daemon.Engine.Found && docker.Problems.IsEmpty
            from difference in Differences(daemon, daemon.Engine.Value)
            select Drift.Found($"{daemon.Source}: {difference.Name} is {difference.Written} in its settings and {difference.Real} in the daemon that runs.",
                $"Run `systemctl {(daemon.Rootless ? "--user " : "")}restart docker`, so that the daemon reads {daemon.ConfigurationFile} as it is now; look first who changed it.", daemon.ConfigurationFile, difference.Name),
            problems,
            "The daemon runs with what its settings say.");
    }

    /// <summary>Of the settings that the daemon tells of. A switch that is not written has Docker's default.</summary>
    private static IEnumerable<(string Name, string Written, string Real)> Differences(DaemonFacts daemon, EngineFacts engine)
    {
        (string Name, bool Default, bool? Real)[] switches =
        [
            ("icc", true, engine.InterContainer.Found ? engine.InterContainer.Value : null), ("live-restore", false, engine.LiveRestore), ("debug", false, engine.Debug),
            ("experimental", false, engine.Experimental), ("selinux-enabled", false, Has(engine, "name=selinux")),
        ];
        foreach (var (name, standard, real) in switches.Where(s => s.Real is { } real && real != (daemon.Switch(s.Name) ?? s.Default)))
        {
            yield return (name, Word(daemon.Switch(name) ?? standard), Word(real!.Value));
        }

        if (daemon.Last("log-driver") is { Length: > 0 } driver && engine.LoggingDriver.Length > 0 && driver != engine.LoggingDriver)
        {
            yield return ("log-driver", driver, engine.LoggingDriver);
        }

        if (daemon.Last("userns-remap") is { Length: > 0 } != Has(engine, "name=userns"))
        {
            yield return ("userns-remap", daemon.Last("userns-remap") is { Length: > 0 } remap ? remap : "not set", Has(engine, "name=userns") ? "on" : "off");
        }

        var unconfined = engine.SecurityOptions.Any(o => o.StartsWith("name=seccomp", StringComparison.Ordinal) && o.Contains("unconfined", StringComparison.Ordinal));
        if (unconfined != (daemon.Last("seccomp-profile") == "unconfined"))
        {
            yield return ("seccomp-profile", daemon.Last("seccomp-profile") ?? "not set", unconfined ? "unconfined" : "a profile");
        }

        foreach (var registry in engine.InsecureRegistries.Where(r => !Loopback.IsNetwork(r)).Except(daemon.All("insecure-registries").Select(r => r[(r.IndexOf("://", StringComparison.Ordinal) is >= 0 and var at ? at + 3 : 0)..])))
        {
            yield return ("insecure-registries", $"without {registry}", "with it");
        }
    }

    private static bool Has(EngineFacts engine, string option) => engine.SecurityOptions.Any(o => o == option || o.StartsWith(option + ",", StringComparison.Ordinal));

    private static string Word(bool value) => value ? "true" : "false";
}
