using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.Docker;

/// <summary>The ways into Docker: its addresses, its clients, its registries, the users that may talk to it.</summary>
internal static class DockerExposureChecks
{
    private static readonly Rule Tcp = Rule("CBG5002", "Docker listens on TCP without verified TLS", Severity.Critical, "CIS Docker 2.7", "NIST SP 800-190 4.5.1");
    private static readonly Rule Registries = Rule("CBG5004", "Insecure registry configured", Severity.High, "CIS Docker 2.5", "NIST SP 800-190 4.2.1");
    private static readonly Rule Group = Rule("CBG5006", "User in the docker group", Severity.Medium, "CIS Docker 1.1.2", "NIST SP 800-190 4.5.4");
    private static readonly Rule UserNamespace = Rule("CBG5008", "Docker runs without user namespaces", Severity.Low, "CIS Docker 2.9", "NIST SP 800-190 4.5.2");
    private static readonly Rule ClientTls = Rule("CBG5030", "Docker client talks to a daemon without verified TLS", Severity.High, "NIST SP 800-190 4.5.1");
    private static readonly Rule Context = Rule("CBG5044", "Docker context without verified TLS", Severity.High, "NIST SP 800-190 4.5.1");
    private static readonly Rule ContentTrust = Rule("CBG5032", "Docker Content Trust relied upon", Severity.Info, "CIS Docker 4.5", "NIST SP 800-190 4.1.5");
    private static readonly Rule SELinux = Rule("CBG5038", "Docker without SELinux on an SELinux host", Severity.Medium, "CIS Docker 5.3");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        new(Tcp, CheckScope.Anywhere, f => DockerPart.Judge(f, d => JudgeTcp(f, d))) { CisLevel = 1 },
        new(Registries, CheckScope.Anywhere, JudgeRegistries) { CisLevel = 1 },
        new(Group, CheckScope.Anywhere, JudgeGroup) { CisLevel = 1 },
        new(UserNamespace, CheckScope.Anywhere, f => DockerPart.Judge(f, JudgeUserNamespace)) { CisLevel = 2 },
        new(ClientTls, CheckScope.Anywhere, f => HostCheckResult.Over(f.User, "There is no user.", JudgeClient)),
        new(Context, CheckScope.Anywhere, f => HostCheckResult.Over(f.Docker, "Docker is not installed.", JudgeContexts)),
        new(ContentTrust, CheckScope.Anywhere, f => HostCheckResult.Over(f.User, "There is no user.", JudgeContentTrust)),
        new(SELinux, CheckScope.RunningHost, f => DockerPart.Judge(f, d => JudgeSELinux(f, d))) { CisLevel = 2 },
    ];

    private static HostCheckResult JudgeTcp(HostFacts facts, DockerFacts docker)
    {
        var stated = from daemon in docker.Daemons
                     where daemon.Switch("tlsverify") != true
                     from address in daemon.All("hosts").Distinct(StringComparer.Ordinal)
                     where address.Length > 0 && (address.StartsWith("tcp://", StringComparison.Ordinal) || !address.Contains("://", StringComparison.Ordinal))
                     select TcpFound(address, daemon.Source, daemon.Switch("tls") == true);
        const int PlainPort = 2375;
        var listening = (facts.Network is { Found: true, Value.Listening: { Found: true, Value: var sockets } } ? sockets : []).Where(s => s.Port == PlainPort)
            .Select(s => TcpFound($"tcp://{s.Address}:{s.Port}", $"the kernel's list of listening ports{(s.Process is null ? "" : $", process {s.Process}")}", false));
        var findings = stated.Concat(listening).DistinctBy(f => f.Key[(f.Key.LastIndexOf(':') + 1)..]);
        return HostCheckResult.Of(findings, docker.Problems, "No TCP address without verified TLS in daemon.json, the running daemon's command line, systemd's units or among the listening ports.");
    }

    private static Finding TcpFound(string address, string source, bool tls)
    {
        var loopback = Loopback.Is(Loopback.HostOf(address));
        return Tcp.Found(
            $"Docker listens on {address} {(tls ? "with TLS but without verifying clients (tlsverify)" : "without TLS")}, as {source} says: {(loopback ? "every local process" : "whoever reaches the port")} is root on this host.",
            "Remove the TCP address from \"hosts\" in /etc/docker/daemon.json and from -H in docker.service (use DOCKER_HOST=ssh://user@host instead), or set \"tlsverify\": true with tlscacert, tlscert and tlskey; then run `systemctl daemon-reload && systemctl restart docker`.",
            key: address, severity: loopback ? Severity.High : null);
    }

    private static HostCheckResult JudgeRegistries(HostFacts facts)
    {
        const string Variable = "DOTNET_CONTAINER_INSECURE_REGISTRIES";
        var fromSdk = facts.User.Found ? facts.User.Value.Variables.GetValueOrDefault(Variable, "") : "";
        if (!facts.Docker.Found && fromSdk.Length == 0)
        {
            return HostCheckResult.NotChecked(facts.Docker.Problem ?? "Docker was not looked at.");
        }

        var docker = facts.Docker.Found ? facts.Docker.Value : null;
        if (docker is { Present: false, Problems.IsEmpty: true } && fromSdk.Length == 0)
        {
            return HostCheckResult.NotApplicable($"Docker is neither installed nor running, and {Variable} is not set.");
        }

        var stated = (docker?.Daemons ?? []).SelectMany(d => d.All("insecure-registries").Select(registry => (d.Source, Registry: registry)))
            .Concat((docker?.Daemons ?? []).Where(d => d.Engine.Found).SelectMany(d => d.Engine.Value.InsecureRegistries.Select(r => (Source: d.Engine.Value.Socket, Registry: r))))
            .Concat(fromSdk.Split([',', ';'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(registry => (Source: Variable, Registry: registry)));
        var findings = stated.Where(s => !Loopback.IsNetwork(s.Registry)).DistinctBy(s => s.Registry).Select(s => Registries.Found(
            $"The registry {s.Registry} is accepted without verified TLS ({s.Source}): whoever sits between can replace images and read credentials.",
            s.Source == Variable
                ? $"Give the registry a certificate that this host trusts and unset {Variable}."
                : "Give the registry a certificate, put its authority into /etc/docker/certs.d/REGISTRY/ca.crt, and remove it from \"insecure-registries\" in /etc/docker/daemon.json (or --insecure-registry).",
            key: s.Registry));
        return HostCheckResult.Of(findings, docker?.Problems ?? [], $"No insecure registry beyond this machine in Docker's settings or {Variable}.");
    }

    private static HostCheckResult JudgeGroup(HostFacts facts) => HostCheckResult.Over(facts.Accounts, "There are no accounts.", accounts =>
    {
        if (!accounts.Groups.Found || !accounts.Users.Found)
        {
            return HostCheckResult.NotChecked(accounts.Groups.Problem ?? accounts.Users.Problem ?? "/etc/group or /etc/passwd does not exist.");
        }

        var docker = accounts.Groups.Value.Where(g => g.Name == "docker").ToArray();
        if (docker.Length == 0)
        {
            return HostCheckResult.NotApplicable("There is no group docker in /etc/group.");
        }

        var users = accounts.Users.Value;
        var names = docker.SelectMany(g => g.Members)
            .Concat(users.Where(u => docker.Any(g => g.Gid == u.Gid)).Select(u => u.Name))
            .Where(name => !users.Any(u => u.Name == name && u.Uid == 0))
            .Distinct(StringComparer.Ordinal);
        return HostCheckResult.Of(names.Select(name => Group.Found(
            $"User {name} is in the group docker, which is root on this host without a password.",
            $"Run `gpasswd --delete {name} docker` and let the user build with rootless Docker or Podman; waive it for a build account that is meant to have this power.",
            "/etc/group", name, fix: $"gpasswd --delete {Quote(name)} docker")), [], "The group docker has no member but root in /etc/group and /etc/passwd.");
    });

    private static HostCheckResult JudgeUserNamespace(DockerFacts docker)
    {
        EngineFacts[] engines = [.. docker.Daemons.Where(d => d.Engine.Found).Select(d => d.Engine.Value)];
        if (engines.Length > 0)
        {
            return HostCheckResult.Of(engines.Where(e => !e.SecurityOptions.Any(o => o is "name=userns" or "name=rootless")).Take(1).Select(e => UserNamespaceFound(e.Socket)), [], "The running daemon remaps users or is rootless.");
        }

        // What could not be read may be the very setting that is asked for.
        return docker.Problems.Length > 0
            ? HostCheckResult.NotChecked(string.Join("; ", docker.Problems) + ".")
            : HostCheckResult.Of(docker.Daemons.Where(d => !d.Rootless && string.IsNullOrEmpty(d.Last("userns-remap"))).Take(1).Select(d => UserNamespaceFound(d.Source)), [], "Docker remaps users or runs rootless.");
    }

    private static Finding UserNamespaceFound(string source) => UserNamespace.Found(
        $"Docker ({source}) runs as root without userns-remap: root in a container is root on the host.",
        "Set \"userns-remap\": \"default\" in /etc/docker/daemon.json and run `systemctl restart docker` (images are pulled anew), or install rootless Docker with `dockerd-rootless-setuptool.sh install`.",
        key: "userns");

    private static HostCheckResult JudgeClient(UserFacts user)
    {
        var host = user.Variables.GetValueOrDefault("DOCKER_HOST", "");
        return host.Length == 0 ? HostCheckResult.NotApplicable("DOCKER_HOST is not set.")
            : HostCheckResult.Of(host.StartsWith("tcp://", StringComparison.Ordinal) && !user.Variables.ContainsKey("DOCKER_TLS_VERIFY")
                ? [ClientTls.Found($"DOCKER_HOST is {host} and DOCKER_TLS_VERIFY is not set: images and credentials go over the network unprotected.", "Use DOCKER_HOST=ssh://user@host, or set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH.", key: host)] : [],
                [], $"DOCKER_HOST is {host}.");
    }

    private static HostCheckResult JudgeContexts(DockerFacts docker) => docker.Contexts.IsEmpty && docker.Problems.IsEmpty
        ? HostCheckResult.NotApplicable("This user has no Docker context of its own.")
        : HostCheckResult.Of(docker.Contexts.Where(c => c.SkipVerify).Select(c => Context.Found(
            $"The Docker context {c.Name} talks to {c.Host} without verifying its certificate.", $"Run `docker context update {c.Name} --docker host={c.Host},ca=…,cert=…,key=…`, or use ssh://.", key: c.Name)),
            docker.Contexts.IsEmpty ? docker.Problems : [], "Every context verifies the daemon it talks to.");

    private static HostCheckResult JudgeContentTrust(UserFacts user) =>
        !user.Variables.TryGetValue("DOCKER_CONTENT_TRUST", out var value) || value is "0" or "false"
            ? HostCheckResult.NotApplicable("DOCKER_CONTENT_TRUST is not set, and nothing should rely on it.")
            : HostCheckResult.Of([ContentTrust.Found(
                "DOCKER_CONTENT_TRUST is set, whose service (Notary v1) is switched off for good on 2026-12-08: pulls will fail, or are no longer verified.",
                "Unset it, sign with `cbg sign` or cosign, and verify with `cbg verify`.", key: "variable")], [], "");

    private static HostCheckResult JudgeSELinux(HostFacts facts, DockerFacts docker)
    {
        if (facts.System is not { Found: true, Value.SELinuxEnforce: { Found: true, Value: var enforce } } || enforce != "1")
        {
            return HostCheckResult.NotApplicable("SELinux does not enforce on this host.");
        }

        var on = docker.Engine.Found ? docker.Engine.Value.SecurityOptions.Any(o => o.StartsWith("name=selinux", StringComparison.Ordinal)) : docker.Daemons.Any(d => d.Switch("selinux-enabled") == true);
        return HostCheckResult.Of(on ? [] : [SELinux.Found("SELinux enforces on this host and Docker does not use it: containers are not separated by labels.", "Write `\"selinux-enabled\": true` in /etc/docker/daemon.json and run `systemctl restart docker`.")], docker.Problems, "Docker labels its containers.");
    }
}
