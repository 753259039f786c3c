using System.Collections.Immutable;
using System.Globalization;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>The account that builds: its variables, its keys, the files in which its tools keep secrets.</summary>
internal static class UserCollector
{
    private const int MaxPrograms = 3000;
    private const int MaxAncestors = 64;

    /// <summary>Variables whose values may be told.</summary>
    internal static readonly string[] Public =
    [
        "DOCKER_HOST", "DOCKER_TLS_VERIFY", "DOCKER_CONTENT_TRUST", "DOTNET_CONTAINER_INSECURE_REGISTRIES", "DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "CORECLR_ENABLE_PROFILING",
        "CORECLR_PROFILER_PATH", "CORECLR_PROFILER_PATH_64", "LD_PRELOAD", "LD_LIBRARY_PATH", "NUGET_CERT_REVOCATION_MODE", "DOTNET_NUGET_SIGNATURE_VERIFICATION", "NODE_TLS_REJECT_UNAUTHORIZED",
        "GIT_SSL_NO_VERIFY", "PYTHONHTTPSVERIFY", "CI", "GITHUB_ACTIONS", "TF_BUILD", "GITLAB_CI", "JENKINS_URL", "TEAMCITY_VERSION", "BUILDKITE", "RUNNER_ENVIRONMENT", "RUNNER_TRACKING_ID",
        "SSH_AUTH_SOCK", "SSH_CONNECTION", "SYSTEM_DEBUG", "ACTIONS_STEP_DEBUG", "ACTIONS_RUNNER_DEBUG", "CI_DEBUG_TRACE", "ACTIONS_ALLOW_UNSECURE_COMMANDS", "GIT_TRACE_CURL", "MSBUILDLOGALLENVIRONMENTVARIABLES",
    ];

    private static readonly string[] SecretWords = ["PASSWORD", "PASSWD", "_PWD", "PWORD", "SECRET", "TOKEN", "APIKEY", "API_KEY", "ACCESS_KEY", "PRIVATE_KEY", "CREDENTIAL", "CONNECTIONSTRING", "AUTH_CONFIG", "_PAT"];
    private static readonly string[] NotSecret = ["RUNNER_TRACKING", "TOKENS_PER", "TOKEN_BUDGET", "_FILE", "_PATH", "_URL", "_ENDPOINT"];

    public static Probed<UserFacts> Collect(HostReader host)
    {
        var problems = new List<string>();
        var status = host.Text("/proc/self/status", problems).Split('\n');
        string? Status(string name) => status.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();
        var workspace = Workspace(host);
        if (workspace.Length > 0)
        {
            host.Chain(workspace);
            host.Stat("/");
            host.Group("build-ancestor", DotNetCollector.Upward(workspace).Take(MaxAncestors).Where(f => f.Length > 0));
        }

        string[] search = [.. (host.Probe.EnvironmentVariable("PATH") ?? "").Split(':').Take(MaxAncestors)];
        foreach (var folder in search.Where(f => f.StartsWith('/')))
        {
            host.Chain(folder);
        }

        foreach (var folder in search.Where(f => f.StartsWith('/')).Select(f => f.TrimEnd('/')).Distinct(StringComparer.Ordinal))
        {
            // Of thousands of programs only those that another than root can change are kept; a folder that cannot be listed stands for what it may hold.
            var unlisted = new List<string>();
            host.Group("search-path-program", [.. host.List(folder.Length > 0 ? folder : "/", unlisted).Take(MaxPrograms).Select(n => $"{folder}/{n}").Where(p => host.Stat(p) is { Found: true, Value: var file } && (file.OthersMayReplace || file.Uid is not 0))]);
            host.Group("search-path-program", unlisted.Select(_ => $"{folder}/*"));
        }

        host.Group("cli-plugin", $"{host.Home}/.docker/cli-plugins/*", "/usr/libexec/docker/cli-plugins/*", "/usr/lib/docker/cli-plugins/*", "/usr/local/lib/docker/cli-plugins/*");
        return new UserFacts
        {
            Uid = uint.TryParse(Status("Uid:")?.Split('\t')[0], CultureInfo.InvariantCulture, out var uid) ? uid : host.Probe.Root.Length > 0 ? 0 : uint.MaxValue,
            Home = host.Home,
            Workspace = workspace,
            Umask = Status("Umask:") is { } umask ? Convert.ToInt32(umask, 8) : null,
            Variables = Public.Select(n => (Name: n, Value: host.Probe.EnvironmentVariable(n))).Where(v => !string.IsNullOrEmpty(v.Value)).ToImmutableSortedDictionary(v => v.Name, v => v.Value!, StringComparer.Ordinal),
            SecretVariables = [.. host.Probe.EnvironmentVariableNames.Where(n => IsSecret(n) && host.Probe.EnvironmentVariable(n) is { Length: > 0 }).Order(StringComparer.Ordinal)],
            Registries = [.. CredentialFiles.Read(host, problems)],
            Keys = [.. PrivateKeys.Find(host, workspace)],
            Tokens = [.. TokenFiles.Find(host, problems)],
            Git = [.. GitSettings.Read(host, problems)],
            SearchPath = [.. search],
            Problems = [.. problems],
        };
    }

    /// <summary>The working folder, but not the root or the home itself: nobody builds there.</summary>
    private static string Workspace(HostReader host) =>
        host.Probe.WorkingDirectory.TrimEnd('/') is { Length: > 0 } folder && folder != host.Home.TrimEnd('/') ? folder : "";

    internal static bool IsSecret(string name)
    {
        var upper = name.ToUpperInvariant();
        return upper is not "PWD" and not "OLDPWD"
            && (SecretWords.Any(w => upper.Contains(w, StringComparison.Ordinal)) || upper.StartsWith("NUGETPACKAGESOURCECREDENTIALS_", StringComparison.Ordinal) || upper == "VSS_NUGET_EXTERNAL_FEED_ENDPOINTS")
            && !NotSecret.Any(w => upper.Contains(w, StringComparison.Ordinal));
    }
}
