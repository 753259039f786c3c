using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;
using static ContainerBuildGuard.HostSecurity.HostFindings;

namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>Secrets that lie about where a build can reach them: files, keys, variables. Names and places alone are told.</summary>
internal static class SecretChecks
{
    private const int GroupAndOthers = 0x3F;
    private static readonly Rule Registry = Rule("CBG5009", "Registry credentials in clear or readable by others", Severity.High, "NIST SP 800-190 4.2.3", "NIST SP 800-190 4.5.4");
    private static readonly Rule Helper = Rule("CBG5315", "Credential helper missing", Severity.Medium, "NIST SP 800-190 4.2.3");
    private static readonly Rule Variables = Rule("CBG5316", "Secrets in the build's environment", Severity.Info, "NIST SP 800-190 4.1.4");
    private static readonly Rule GitStore = Rule("CBG5317", "git keeps passwords in clear", Severity.Medium, "NIST SP 800-190 4.5.4");
    private static readonly Rule GitVerify = Rule("CBG5319", "git does not verify servers", Severity.High, "NIST SP 800-190 4.2.1");
    private static readonly Rule GitSafe = Rule("CBG5329", "git trusts every repository on the machine", Severity.Medium, "NIST SP 800-190 4.5.5");
    private static readonly Rule Passphrase = Rule("CBG5320", "SSH key without a passphrase", Severity.Low, "NIST SP 800-190 4.5.4");
    private static readonly Rule KeyMode = Rule("CBG5321", "Private key readable by others", Severity.High, "NIST SP 800-190 4.5.4");
    private static readonly Rule Signing = Rule("CBG5323", "Signing key lying about", Severity.Medium, "NIST SP 800-190 4.1.5");
    private static readonly Rule Tokens = Rule("CBG5330", "Token of a tool in clear", Severity.Low, "NIST SP 800-190 4.5.4");
    private static readonly Rule TokenMode = Rule("CBG5331", "Token of a tool readable by others", Severity.High, "NIST SP 800-190 4.5.4");
    private static readonly Rule Forwarded = Rule("CBG5327", "SSH agent of another machine in the build", Severity.Medium, "NIST SP 800-190 4.5.4");

    public static ImmutableArray<HostCheck> All { get; } =
    [
        new(Registry, CheckScope.Anywhere, f => Over(f, u => JudgeRegistries(f, u))),
        new(Helper, CheckScope.Anywhere, f => Over(f, u => JudgeHelpers(f, u))),
        new(Variables, CheckScope.Anywhere, f => Over(f, u => u.SecretVariables.IsEmpty ? Nothing(f, u, "No variable is named like a secret.") : HostCheckResult.Of([Variables.Found(
            $"Every step of a build can read {u.SecretVariables.Length} variables that are named like secrets: {List(u.SecretVariables)}.", "Hand a secret to the one step that needs it, as a file or by the agent's secret store, and keep MSBuild's binary logs private: they list variables.", key: string.Join(' ', u.SecretVariables))], [], ""))) { Roles = HostRoles.BuildAgent | HostRoles.Developer },
        new(GitStore, CheckScope.Anywhere, f => Over(f, u => HostCheckResult.Of(u.Git.Where(s => s.Name == "credential.helper" && s.Value.StartsWith("store", StringComparison.Ordinal)).Select(s => GitStore.Found(
            $"git keeps passwords in clear (credential.helper {s.Value} in {s.File}).", "Set credential.helper to cache, libsecret or manager, delete ~/.git-credentials, and renew what it held.", s.File, fix: $"git config --file {Quote(s.File)} --replace-all credential.helper cache"))
            .Concat(u.Tokens.Where(t => t.Tool == "git").Select(t => GitStore.Found($"{t.Path} holds passwords in clear.", $"Run `rm {t.Path}` and renew what it held.", t.Path, fix: $"rm -- {Quote(t.Path)}"))), u.Problems, "git keeps no password in clear."))),
        new(GitVerify, CheckScope.Anywhere, f => Over(f, u => HostCheckResult.Of(u.Git.Where(s => s is { Name: "http.sslverify", Value: "false" or "0" or "no" or "off" }).Select(s => GitVerify.Found(
            $"git accepts any server's certificate (http.sslVerify false in {s.File}): whoever sits between decides what is built.", "Take sslVerify out and name the server's authority with http.sslCAInfo.", s.File, fix: $"git config --file {Quote(s.File)} --unset-all http.sslVerify")), u.Problems, "git verifies servers."))),
        new(GitSafe, CheckScope.Anywhere, f => Over(f, u => HostCheckResult.Of(u.Git.Where(s => s is { Name: "safe.directory", Value: "*" }).Select(s => GitSafe.Found(
            $"git takes hooks and settings from every repository, whoever owns it (safe.directory * in {s.File}).", "Name the folders instead of *.", s.File)), u.Problems, "Only named folders are trusted."))),
        new(Passphrase, CheckScope.Anywhere, f => Keys(f, "ssh", k => k.Where(x => !x.Encrypted).Select(x => Passphrase.Found($"The SSH key {x.Path} has no passphrase: whoever copies the file has it.", $"Run `ssh-keygen -p -f {x.Path}`, or use a short-lived certificate on agents.", x.Path)), "Every SSH key has a passphrase.")),
        new(KeyMode, CheckScope.Anywhere, f => Keys(f, null, k => k.Where(x => f.Stat(x.Path) is { Found: true, Value: var file } && (file.Permissions & GroupAndOthers) != 0).Select(x =>
            KeyMode.Found($"The private key {x.Path} has mode {f.Stat(x.Path).Value.Octal}: other users can reach it.", $"Run `chmod 0600 {x.Path}`, and renew the key if others had access to this machine.", x.Path, fix: $"chmod 0600 -- {Quote(x.Path)}")), "Only their owner can read private keys.")),
        new(Signing, CheckScope.Anywhere, f => Keys(f, "signing", k => k.Select(x => Signing.Found($"The {(x.Encrypted ? "encrypted " : "")}signing key or certificate {x.Path} lies in a folder that builds use.", "Move it into a key vault or a hardware token, and give the build a reference (ContainerBuildGuardKey=env://…).", x.Path, severity: x.Encrypted ? Severity.Low : null)), "No signing key lies in the home or the workspace.")),
        new(Tokens, CheckScope.Anywhere, f => Over(f, u => u.Tokens.IsEmpty ? Nothing(f, u, "No file of a token in clear.") : HostCheckResult.Of(u.Tokens.Where(t => t.Tool != "git").Select(t => Tokens.Found($"{t.Path} holds a token of {t.Tool} in clear, which every build step can read.", "Log in with the tool's short-lived or keychain-backed form, and log out on build agents.", t.Path)), u.Problems, "Only git's."))),
        new(TokenMode, CheckScope.Anywhere, f => Over(f, u => u.Tokens.IsEmpty ? Nothing(f, u, "No file of a token in clear.") : HostCheckResult.Of(u.Tokens.Where(t => f.Stat(t.Path) is { Found: true, Value: var file } && (file.Permissions & GroupAndOthers) != 0).Select(t =>
            TokenMode.Found($"{t.Path} holds a token of {t.Tool} and has mode {f.Stat(t.Path).Value.Octal}: other users can read it.", $"Run `chmod 0600 {t.Path}` and renew the token.", t.Path, fix: $"chmod 0600 -- {Quote(t.Path)}")), u.Problems, "Only their owner can read them."))),
        new(Forwarded, CheckScope.Anywhere, f => Over(f, u => !u.Variables.ContainsKey("SSH_AUTH_SOCK") ? HostCheckResult.NotApplicable("There is no SSH agent.")
            : HostCheckResult.Of(u.Variables.ContainsKey("SSH_CONNECTION") || u.Variables.ContainsKey("CI") ? [Forwarded.Found("An SSH agent is reachable from this session, which came over the network or is a build: every build step can log in where its keys can.", "Log in without -A (ForwardAgent no), and unset SSH_AUTH_SOCK for builds.")] : [], [], "The agent is this machine's own."))),
    ];

    private static HostCheckResult Over(HostFacts facts, Func<UserFacts, HostCheckResult> judge) => HostCheckResult.Over(facts.User, "", judge);

    private static HostCheckResult Nothing(HostFacts facts, UserFacts user, string reason) =>
        user.Problems.IsEmpty ? facts.Offline ? HostCheckResult.NotApplicable("A folder has no environment, and no such file.") : HostCheckResult.Of([], [], reason) : HostCheckResult.NotChecked(string.Join("; ", user.Problems) + ".");

    private static HostCheckResult Keys(HostFacts facts, string? kind, Func<ImmutableArray<PrivateKey>, IEnumerable<Finding>> judge, string passed) => Over(facts, user =>
    {
        ImmutableArray<PrivateKey> keys = [.. user.Keys.Where(k => kind is null || k.Kind == kind)];
        return keys.IsEmpty ? HostCheckResult.NotApplicable("This user has no such key in the places that were looked at.") : HostCheckResult.Of(judge(keys), user.Problems, passed);
    });

    private static HostCheckResult JudgeRegistries(HostFacts facts, UserFacts user)
    {
        string[] problems = [.. user.Problems.Where(p => p.Contains(".json", StringComparison.Ordinal))];
        if (user.Registries.IsEmpty && problems.Length == 0)
        {
            return HostCheckResult.NotApplicable("This user has no file of registry credentials.");
        }

        var clear = user.Registries.SelectMany(f => f.InClear.Select(registry => Registry.Found(
            $"The credentials of {registry} stand in clear (base64 is not encryption) in {f.Path}.",
            $"Run `docker logout {registry}`, set \"credsStore\" (for example \"secretservice\" or \"pass\") in {f.Path}, and log in again; on a build server prefer a short-lived token.", f.Path, registry, Severity.Medium)));
        var open = user.Registries.Where(f => f.InClear.Length > 0 && facts.Stat(f.Path) is { Found: true, Value: var file } && (file.Permissions & GroupAndOthers) != 0).Select(f => Registry.Found(
            $"{f.Path} holds a secret and has mode {facts.Stat(f.Path).Value.Octal}: other users can reach it.", $"Run `chmod 0600 {f.Path}`, and renew what it holds if others had access to this machine.", f.Path, "mode", fix: $"chmod 0600 -- {Quote(f.Path)}"));
        return HostCheckResult.Of(clear.Concat(open), problems, $"{string.Join(", ", user.Registries.Select(f => f.Path))}: no credential in clear.");
    }

    private static HostCheckResult JudgeHelpers(HostFacts facts, UserFacts user)
    {
        var named = user.Registries.SelectMany(f => f.Helpers.Select(h => (File: f.Path, Helper: h))).ToArray();
        var present = facts.Group("credential-helper");
        return named.Length == 0 ? HostCheckResult.NotApplicable("No credential helper is configured.")
            : HostCheckResult.Of(named.Where(n => !present.Any(p => facts.Stat(p).Found && p.EndsWith($"/docker-credential-{n.Helper}", StringComparison.Ordinal))).Select(n => Helper.Found(
                $"{n.File} names the credential helper {n.Helper}, and docker-credential-{n.Helper} is not on the search path: logins fail, or fall back to clear text.", $"Install docker-credential-{n.Helper}, or name one that is installed.", n.File, n.Helper)), [], "Every helper is installed.");
    }
}
