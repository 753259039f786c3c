using ContainerBuildGuard.Findings;
using static ContainerBuildGuard.HardenedConfiguration.Deployments.DeploymentRule;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Credentials that stand where they do not belong. A message names the place, never the value.</summary>
internal static class CredentialRules
{
    private const string Remedy = "Move the value to a secret (Kubernetes Secret as a file, Compose secrets, podman secret) and let the app read the file; then change it, because it has been seen.";

    public static Rule InEnvironment { get; } = Descriptor("CBG2275", "Credential stands in the environment", Severity.High, "NIST SP 800-190 4.1.4", "CIS Docker 4.10");
    public static Rule InConfiguration { get; } = Descriptor("CBG2276", "Credential stands in a config map or config", Severity.High, "NIST SP 800-190 4.1.4");
    public static Rule SecretManifest { get; } = Descriptor("CBG2277", "Secret lies in a manifest", Severity.Medium, "NIST SP 800-190 4.1.4");
    public static Rule InCommand { get; } = Descriptor("CBG2278", "Credential stands in a command", Severity.High, "NIST SP 800-190 4.1.4");
    public static Rule InUrl { get; } = Descriptor("CBG2279", "Credential stands in a URL or connection string", Severity.High, "NIST SP 800-190 4.1.4");
    public static Rule SecretAsVariable { get; } = Descriptor("CBG2280", "Secret is passed as an environment variable", Severity.Info, "CIS Kubernetes 5.4.1");
    public static Rule InEnvironmentFile { get; } = Descriptor("CBG2281", "Credential stands in a file of variables", Severity.Medium, "NIST SP 800-190 4.1.4");
    public static Rule InBuildArgument { get; } = Descriptor("CBG2282", "Credential is a build argument", Severity.High, "CIS Docker 4.10");
    public static Rule OpenSecretFile { get; } = Descriptor("CBG2283", "Secret files are readable or writable by everybody", Severity.Low, "NIST SP 800-190 4.1.4");

    public static IReadOnlyList<DeploymentRule> All { get; } =
    [
        EachContainer(InEnvironment, c => c.Environment.Where(v => !v.FromFile && CredentialWords.IsCredentialName(v.Name) && CredentialWords.IsLiteral(v.Value)).Select(v => new Hit(v.At, $"{c} has the value of {v.Name} in the file.", Remedy))),
        Resources(InConfiguration, ["ConfigMap"], r => r.Node.Members("data").Where(m => (CredentialWords.IsCredentialName(m.Name) && CredentialWords.IsLiteral(Value(m))) || CredentialWords.UrlWithPassword(Value(m) ?? "") is not null)
            .Select(m => new Hit(m.Value, $"{r} has a credential in the clear under {m.Name}.", Remedy))),
        Resources(SecretManifest, ["Secret"], r => Hits.If(r.Node.Members("data").Concat(r.Node.Members("stringData")).Any(m => CredentialWords.IsLiteral(Value(m))), () => new Hit(r.Node.At("data") ?? r.Node.At("stringData")!, $"{r} lies in a file with its values; base64 hides nothing.", "Keep sealed or external secrets in the repository (Sealed Secrets, External Secrets, SOPS)."))),
        EachContainer(InCommand, c => Options(c).Select(o => new Hit(o.At, $"{c} has a credential behind {o.Value} in its command, where every process list shows it.", Remedy))),
        EachContainer(InUrl, c => Texts(c).Where(t => CredentialWords.UrlWithPassword(t.Value) is not null || CredentialWords.HasConnectionPassword(t.Value))
            .Select(t => new Hit(t.At, $"{c} has a password inside {CredentialWords.UrlWithPassword(t.Value) ?? "a connection string"}.", Remedy))),
        EachContainer(SecretAsVariable, c => c.Platform == Platform.Kubernetes, c => c.Environment.Where(v => v.Source == "secret").Select(v => new Hit(v.At, $"{c} gets a secret as the variable {v.Name}, which child processes and crash dumps get too.", "Mount the secret as a file; .NET reads a folder of them with AddKeyPerFile."))),
        EachContainer(InEnvironmentFile, c => c.Platform == Platform.Compose, c => c.Environment.Where(v => v.FromFile && CredentialWords.IsCredentialName(v.Name) && CredentialWords.IsLiteral(v.Value)).Select(v => new Hit(v.At, $"{c} gets the value of {v.Name} from {v.Source}.", "Keep that file out of the repository, or use Compose secrets."))),
        Services(InBuildArgument, s => ComposeValues.Pairs(s.Node.At("build", "args")).Where(a => CredentialWords.IsCredentialName(a.Name) && a.At is ScalarNode { IsLiteral: true } && CredentialWords.IsLiteral(a.Value))
            .Select(a => new Hit(a.At, $"Service '{s.Name}' builds with the value of {a.Name} in the file, which then stands in the image's history.", "Use build.secrets."))),
        Pods(OpenSecretFile, pod => from volume in pod.Spec.Items("volumes")
                                    let mode = volume.Scalar("secret", "defaultMode")
                                    where mode is not null && IsOpen(mode.Value)
                                    select new Hit(mode, $"In {pod.Resource} everybody in the container may {(IsWritable(mode.Value) ? "change" : "read")} the files of the secret volume '{volume.Text("name")}'.", "Set defaultMode: 0440 and fsGroup.")
                                    { Fix = Edits.Replace(mode, "0440") }),
    ];

    private static string? Value(Member member) => (member.Value as ScalarNode)?.Value;

    /// <summary>What a container's file says in words: literal variables and arguments that are not already found by their name.</summary>
    private static IEnumerable<Setting<string>> Texts(ContainerSpec c) =>
        c.Environment.Where(v => v is { Value: not null, FromFile: false } && !CredentialWords.IsCredentialName(v.Name)).Select(v => new Setting<string>(v.Value!, v.At))
            .Concat(c.Command.Where(a => a.At is not ScalarNode { IsLiteral: false }));

    private static IEnumerable<Setting<string>> Options(ContainerSpec c)
    {
        var literal = c.Command.Where(a => a.At is not ScalarNode { IsLiteral: false }).ToList();
        for (var i = 0; i < literal.Count; i++)
        {
            if (CredentialWords.OptionWithCredential(literal[i].Value) is { } option)
            {
                yield return literal[i] with { Value = option };
            }
            else if (CredentialWords.IsCredentialOption(literal[i].Value) && i + 1 < literal.Count && CredentialWords.IsLiteral(literal[i + 1].Value) && !literal[i + 1].Value.StartsWith('-'))
            {
                yield return literal[i + 1] with { Value = literal[i].Value };
            }
        }
    }

    private static int Mode(string text) => text.StartsWith('0') && text.All(char.IsAsciiDigit) && !text.Contains('8') && !text.Contains('9')
        ? Convert.ToInt32(text.TrimStart('0') is { Length: > 0 } digits ? digits : "0", 8)
        : int.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static bool IsOpen(string mode) => (Mode(mode) & 0b110) != 0;

    private static bool IsWritable(string mode) => (Mode(mode) & 0b010) != 0;
}
