using ContainerBuildGuard.Findings;
using ContainerBuildGuard.SystemPackages;
using static ContainerBuildGuard.HardenedConfiguration.Containers.ContainerRule;
using static ContainerBuildGuard.HardenedConfiguration.Containers.PrivilegeRules;

namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>What is in a running container: its processes, credentials, and how far it has moved from its image.</summary>
internal static class ContentRules
{
    private static readonly string[] ProgramFolders = ["/app/", "/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/lib/", "/lib/"];
    private static readonly string[] PackageDatabases = ["/var/lib/dpkg/status", .. ApkDatabase.Places.Select(p => $"/{p}"), "/var/lib/rpm", "/usr/lib/sysimage/rpm"];

    public static IReadOnlyList<ContainerRule> All { get; } =
    [
        new(Descriptor("CBG2427", "An SSH server runs in the container", Severity.High, "CIS Docker 5.7", "NIST SP 800-190 4.1.2"), c => c.Processes is null ? c.IsRunning ? null : [] : c.Processes.Where(p => p.Split(' ', '/').Any(w => w is "sshd" or "dropbear" or "sshd:")).Take(1).Select(_ => new ContainerHit("runs an SSH server", "Take it out of the image; use docker exec.")))
        { Needs = "its processes could not be listed" },
        new(Descriptor("CBG2432", "Nothing checks the running container's health", Severity.Info, "CIS Docker 5.27"), c => c.Inspect.Text("State", "Health", "Status") == "unhealthy" ? [new ContainerHit("is unhealthy by its own check", "Look at its log.") { Severity = Severity.Low }] : If(c.Config.Texts("Healthcheck", "Test") is [] or ["NONE"], "has no health check", "Create it with --health-cmd, or let the orchestrator ask.")),
        new(Descriptor("CBG2433", "Running container is not what its image's name means now", Severity.Medium, "CIS Docker 5.28", "NIST SP 800-190 4.4.5"), c => c.Config.Text("Image") is not { } image || image.Contains("sha256:", StringComparison.Ordinal) ? [] : c.NamedImageId is null ? null : If(c.NamedImageId != c.Inspect.Text("Image"), $"runs an image that is no longer '{image}'", "Create it again from the image that is current, or name the digest."))
        { Needs = "the image of its name is not on the engine any more" },
        new(Descriptor("CBG2434", "Running container's image is named by latest or by no tag", Severity.Low, "CIS Docker 5.28"), c => If(c.Config.Text("Image") is { } image && !image.Contains('@', StringComparison.Ordinal) && !image.StartsWith("sha256:", StringComparison.Ordinal) && (image.LastIndexOf(':') <= image.LastIndexOf('/') || image.EndsWith(":latest", StringComparison.Ordinal)) && !IsId(image), $"was created from '{c.Config.Text("Image")}', which is another image every week", "Name a version and its digest.")),
        new(Descriptor("CBG2447", "Running container's image is not signed as the policy asks", Severity.High, "NIST SP 800-190 4.1.5", "CIS Docker 4.5"), c => c.Trust!.Answer switch
        {
            ImageTrustAnswer.Trusted => [],
            ImageTrustAnswer.Untrusted => [new ContainerHit($"runs '{c.Config.Text("Image")}', which is not signed as the policy asks: {c.Trust.Reason}", "Create it again from an image that `cbg verify` accepts, by the digest that it prints.")],
            ImageTrustAnswer.NoRule => [new ContainerHit($"runs '{c.Config.Text("Image")}', for which the policy trusts nobody", "Add a trust rule for its repository to the policy, or run an image that one covers.") { Severity = Severity.Medium }],
            _ => null,
        })
        { Needs = "their images have no digest in a registry, or the registry or the trust could not be asked (`cbg verify` says why)", Applies = c => c.Trust is not null, Otherwise = "The policy has no trust rules." },
        new(Descriptor("CBG2435", "Credential stands in the running container's environment", Severity.High, "NIST SP 800-190 4.1.4", "CIS Docker 4.10"), c => c.Environment.Where(e => (CredentialWords.IsCredentialName(e.Name) && CredentialWords.IsLiteral(e.Value)) || CredentialWords.UrlWithPassword(e.Value) is not null || CredentialWords.HasConnectionPassword(e.Value))
            .Select(e => new ContainerHit($"has a credential in the variable {e.Name}, which docker inspect shows", "Give it as a secret file, and change it.", e.Name))),
        new(Descriptor("CBG2443", "Credential stands in the running container's command or labels", Severity.High, "NIST SP 800-190 4.1.4"), c => Credentials(c).Select(w => new ContainerHit($"has a credential in its {w}", "Give it as a secret file, and change it.", w))),
        new(Descriptor("CBG2438", "Programs were added or changed since the container was created", Severity.Medium, "NIST SP 800-190 4.4.4"), c => c.Changes is null ? null : c.Changes.Where(x => x.Kind is 0 or 1 && ProgramFolders.Any(f => x.Path.StartsWith(f, StringComparison.Ordinal)) && Path.GetFileName(x.Path).Length > 0).ToList() is { Count: > 0 } changed
            ? [new ContainerHit($"has {changed.Count} files below program folders that are not of its image, {changed[^1].Path} among them", "Create it again from its image with --read-only, and find out what changed it.")] : [])
        { Needs = "its changes could not be listed" },
        new(Descriptor("CBG2439", "Packages were installed since the container was created", Severity.Medium, "NIST SP 800-190 4.4.4"), c => c.Changes is null ? null : c.Changes.Where(x => PackageDatabases.Any(d => x.Path == d || x.Path.StartsWith(d + "/", StringComparison.Ordinal))).Take(1).Select(x => new ContainerHit($"has packages that are not of its image ({x.Path} has changed)", "Build them into the image, or take the package manager out of it.")))
        { Needs = "its changes could not be listed" },
    ];

    private static bool IsId(string image) => image.Length is 12 or 64 && image.All(char.IsAsciiHexDigitLower);

    private static IEnumerable<string> Credentials(RunningContainer c)
    {
        if (c.Config.Texts("Entrypoint").Concat(c.Config.Texts("Cmd")).Append(string.Join(' ', c.Config.Texts("Cmd"))).Any(a => CredentialWords.OptionWithCredential(a) is not null || CredentialWords.UrlWithPassword(a) is not null || CredentialWords.HasConnectionPassword(a)))
        {
            yield return "command";
        }

        foreach (var label in c.Config.Members("Labels").Where(l => l.Value.ValueKind == System.Text.Json.JsonValueKind.String && CredentialWords.UrlWithPassword(l.Value.GetString()!) is not null))
        {
            yield return $"label {label.Name}";
        }
    }
}
