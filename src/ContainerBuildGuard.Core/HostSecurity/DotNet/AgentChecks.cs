using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>How much a build agent can do to the machine below it, and what its variables do to the build.</summary>
internal static class AgentChecks
{
    private const HostRoles Builders = HostRoles.Developer | HostRoles.BuildAgent;
    private static readonly string[] AgentVariables = ["CI", "GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI", "JENKINS_URL", "TEAMCITY_VERSION", "BUILDKITE"];
    private static readonly Rule Root = Rule("CBG5324", "Build runs as root", Severity.Medium, "NIST SP 800-190 4.5.4");
    private static readonly Rule Privileged = Rule("CBG5325", "Build runs in a privileged container", Severity.High, "CIS Docker 5.5", "NIST SP 800-190 4.4.3");
    private static readonly Rule Socket = Rule("CBG5326", "Engine socket mounted into the build", Severity.Critical, "CIS Docker 5.32", "NIST SP 800-190 4.4.3");
    private static readonly Rule Namespaces = Rule("CBG5328", "Build container shares the host's namespaces", Severity.High, "CIS Docker 5.10", "CIS Docker 5.16");
    private static readonly Rule Ephemeral = Rule("CBG5332", "Build agent lives on after the job", Severity.Low, "NIST SP 800-190 4.5.5");
    private static readonly Rule Verification = Rule("CBG5333", "A variable turns verification off", Severity.High, "NIST SP 800-190 4.2.1");
    private static readonly Rule Injection = Rule("CBG5334", "A variable puts code into every .NET process", Severity.High, "NIST SP 800-190 4.1.2");
    private static readonly Rule Debug = Rule("CBG5336", "Build logs everything", Severity.Low, "NIST SP 800-190 4.1.4");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        new(Root, CheckScope.Anywhere, f => Live(f, u => HostCheckResult.Of(u.Uid == 0 ? [Root.Found("The build runs as root: every package's build step, source generator and test does too.", "Run the agent as a user of its own; in a container set its user (for GitHub Actions `options: --user 1001`).")] : [], [], $"The build runs as uid {u.Uid}."))) { Roles = Builders },
        Inside(Privileged, c => c.AllCapabilities ? [Privileged.Found("The build's container is privileged or has the capabilities that make it so: a build step can take over the host.", "Take privileged away; build images with `dotnet publish /t:PublishContainer`, which needs no daemon and no privilege.")] : [], "The container has not got the dangerous capabilities."),
        Inside(Socket, c => c.EngineSockets.Select(s => Socket.Found($"The host's engine socket {s} is mounted into the build's container: every build step is root on the host.", "Take the mount away; `dotnet publish /t:PublishContainer` pushes to a registry without a daemon.", s)), "No engine socket is mounted."),
        Inside(Namespaces, c => c.HostProcesses || c.HostNetwork ? [Namespaces.Found($"The build's container shares the host's {(c.HostProcesses ? c.HostNetwork ? "processes and network" : "processes" : "network")}.", "Start it without --pid=host and --network=host.")] : [], "The container has namespaces of its own."),
        new(Ephemeral, CheckScope.Anywhere, f => Live(f, u => JudgeEphemeral(f, u))) { Roles = HostRoles.BuildAgent },
        new(Verification, CheckScope.Anywhere, f => Live(f, u => Variables(u, Verification, Off, "so that whoever sits between decides what is built", "Unset it; install the missing authority into the trust store instead."))) { Roles = Builders },
        new(Injection, CheckScope.Anywhere, f => Live(f, u => Variables(u, Injection, Injects, "which loads code into the SDK while it builds", "Unset it in the build's environment; set it in the image where it is needed."))) { Roles = Builders },
        new(Debug, CheckScope.Anywhere, f => Live(f, u => Variables(u, Debug, Logs, "so that secrets can reach the log", "Turn it off again after debugging, and renew secrets that were logged."))) { Roles = Builders },
    ];

    private static HostCheckResult Live(HostFacts facts, Func<UserFacts, HostCheckResult> judge) =>
        facts.Offline ? HostCheckResult.NotApplicable("A folder has no environment.") : HostCheckResult.Over(facts.User, "", judge);

    private static HostCheck Inside(Rule rule, Func<ContainerFacts, IEnumerable<Finding>> judge, string passed) => new(rule, CheckScope.Anywhere, facts => HostCheckResult.Over(facts.Container, "", container =>
        container.Inside ? HostCheckResult.Of(judge(container), [], passed) : HostCheckResult.NotApplicable("The audit does not run in a container."))) { Roles = Builders };

    private static HostCheckResult Variables(UserFacts user, Rule rule, Func<string, string, bool> bad, string effect, string remedy) =>
        HostCheckResult.Of(user.Variables.Where(v => bad(v.Key, v.Value)).Select(v => rule.Found($"{v.Key} is set, {effect}.", remedy, key: v.Key)), [], "No such variable is set.");

    private static bool Off(string name, string value) => name switch
    {
        "NODE_TLS_REJECT_UNAUTHORIZED" or "PYTHONHTTPSVERIFY" => value == "0",
        "GIT_SSL_NO_VERIFY" => value is not ("0" or "false"),
        "NUGET_CERT_REVOCATION_MODE" => value.Equals("offline", StringComparison.OrdinalIgnoreCase),
        "DOTNET_NUGET_SIGNATURE_VERIFICATION" => value.Equals("false", StringComparison.OrdinalIgnoreCase),
        "ACTIONS_ALLOW_UNSECURE_COMMANDS" => value.Equals("true", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };

    private static bool Injects(string name, string value) => name switch
    {
        "DOTNET_STARTUP_HOOKS" or "DOTNET_ADDITIONAL_DEPS" or "CORECLR_PROFILER_PATH" or "CORECLR_PROFILER_PATH_64" or "LD_PRELOAD" => true,
        "CORECLR_ENABLE_PROFILING" => value == "1",
        _ => false,
    };

    private static bool Logs(string name, string value) => name is "SYSTEM_DEBUG" or "ACTIONS_STEP_DEBUG" or "ACTIONS_RUNNER_DEBUG" or "CI_DEBUG_TRACE" or "GIT_TRACE_CURL" or "MSBUILDLOGALLENVIRONMENTVARIABLES"
        && value.ToLowerInvariant() is "1" or "true";

    private static HostCheckResult JudgeEphemeral(HostFacts facts, UserFacts user)
    {
        if (!AgentVariables.Any(user.Variables.ContainsKey))
        {
            return HostCheckResult.NotApplicable("This is no build agent.");
        }

        var hosted = user.Variables.GetValueOrDefault("RUNNER_ENVIRONMENT", "") == "github-hosted";
        var inside = facts.Container is { Found: true, Value.Inside: true };
        return HostCheckResult.Of(hosted || inside ? [] : [Ephemeral.Found("This agent is neither hosted nor a container: what one job leaves behind (caches, hooks, processes) is there for the next.", "Register it as ephemeral (`config.sh --ephemeral`), or start a fresh machine or container for each job.")], [], "The agent ends with its job.");
    }
}
