using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>Swarm mode (section 7 of the CIS Docker Benchmark), asked only of a node: without a swarm there is nothing to pass.</summary>
internal static class SwarmChecks
{
    private const int ManagementPort = 2377;
    private const double MostDays = 90;

    public static ImmutableArray<HostCheck> All { get; } =
    [
        Node("CBG5080", "Swarm mode is on", Severity.Info, "CIS Docker 5.1", (rule, _, e) => [rule.Found($"This host is a swarm {(e.IsManager ? "manager" : "worker")}: two more ports and a certificate authority to look after.", "Run `docker swarm leave` where no service needs it.")]),
        Node("CBG5081", "Number of swarm managers", Severity.Low, "CIS Docker 7.1", (rule, _, e) => e.IsManager && (e.Managers is 0 or > 7 || e.Managers % 2 == 0)
            ? [rule.Found($"The swarm has {e.Managers} managers: an even number loses its majority sooner, and more than seven only widen the attack surface.", "Run `docker node demote NODE` or promote one, to 1, 3, 5 or 7.")] : []),
        Node("CBG5082", "Swarm management on every interface", Severity.Medium, "CIS Docker 7.2", (rule, facts, _) =>
            facts.Network is { Found: true, Value.Listening: { Found: true, Value: var sockets } } && sockets.Any(s => s.Port == ManagementPort && s.Address is "0.0.0.0" or "::")
            ? [rule.Found("Swarm's management port 2377 listens on every interface.", "Run `docker swarm init --listen-addr ADDRESS:2377` with the address of the management network.")] : []),
        Manager("CBG5083", "Overlay network without encryption", Severity.Medium, "CIS Docker 7.3", e => e.UnencryptedOverlays, (rule, names) =>
            names.Select(n => rule.Found($"The overlay network {n} carries traffic between hosts in clear.", n == "ingress"
                ? "Take the services that publish ports away, then run `docker network rm ingress && docker network create --ingress --driver overlay --opt encrypted ingress`." : "Create it anew with `--opt encrypted`.", key: n))),
        Manager("CBG5084", "Swarm keys not locked", Severity.Low, "CIS Docker 7.5", e => e.AutoLock, (rule, locked) => locked ? []
            : [rule.Found("The managers' keys lie on the disk unlocked: whoever copies the disk joins the swarm.", "Run `docker swarm update --autolock=true` and keep the unlock key in a vault.", fix: "docker swarm update --autolock=true")]),
        Manager("CBG5085", "Swarm certificates live too long", Severity.Low, "CIS Docker 7.7", e => e.CertificateDays, (rule, days) => days <= MostDays ? []
            : [rule.Found(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Node certificates of the swarm are valid for {days:0} days; 90 at most is the default."), "Run `docker swarm update --cert-expiry 2160h`.", fix: "docker swarm update --cert-expiry 2160h")]),
    ];

    private static HostCheck Node(string code, string title, Severity severity, string reference, Func<Rule, HostFacts, EngineFacts, IEnumerable<Finding>> judge)
    {
        var rule = Rule(code, title, severity, reference);
        return new(rule, CheckScope.Anywhere, facts => Active(facts, engine => HostCheckResult.Of(judge(rule, facts, engine), facts.Network is { Value.Listening.Problem: { } p } ? [p] : [], "As it should be."))) { CisLevel = 1 };
    }

    private static HostCheck Manager<T>(string code, string title, Severity severity, string reference, Func<EngineFacts, Probed<T>> part, Func<Rule, T, IEnumerable<Finding>> judge)
    {
        var rule = Rule(code, title, severity, reference);
        return new(rule, CheckScope.Anywhere, facts => Active(facts, engine => HostCheckResult.Over(part(engine), "This node is no manager; only managers know.", value => HostCheckResult.Of(judge(rule, value), [], "As it should be.")))) { CisLevel = 1 };
    }

    private static HostCheckResult Active(HostFacts facts, Func<EngineFacts, HostCheckResult> judge) => DockerPart.Judge(facts, docker =>
        HostCheckResult.Over(docker.Engine, "No Docker daemon runs.", engine => engine.Swarm is "active" or "locked" or "pending" ? judge(engine) : HostCheckResult.NotApplicable("Swarm mode is off.")));
}
