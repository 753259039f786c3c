using System.Globalization;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Inspection;
using static ContainerBuildGuard.HardenedConfiguration.ImageRule;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Ports, start command, volumes, labels: what the image's configuration promises.</summary>
internal static class ConfigurationRules
{
    private const string Prefix = "org.opencontainers.image.";

    public static Rule AdministrationPort { get; } = Descriptor("CBG2029", "Image exposes a port for administration or debugging", Severity.Medium, "CIS Docker 5.9");
    public static Rule NoPort { get; } = Descriptor("CBG2030", "Image declares no port", Severity.Info, "OCI image specification, ExposedPorts");
    public static Rule FalseLabel { get; } = Descriptor("CBG2042", "Label says something that cannot be", Severity.Low, "OCI image specification, annotations");
    public static Rule MissingLabels { get; } = Descriptor("CBG2043", "Image does not say its version or licence", Severity.Info, "OCI image specification, annotations");
    public static Rule NoBaseDigest { get; } = Descriptor("CBG2044", "Image does not say which bytes its base was", Severity.Low, "NIST SP 800-190 4.1.5", "SLSA");
    public static Rule DebugBase { get; } = Descriptor("CBG2045", "Base image is made for building or debugging", Severity.Medium, "CIS Docker 4.3");
    public static Rule LargerBase { get; } = Descriptor("CBG2046", "A smaller flavour of the base would do", Severity.Info, "CIS Docker 4.3");
    public static Rule WorkingFolder { get; } = Descriptor("CBG2047", "Working folder is not the app's own", Severity.Low, "Docker best practices, WORKDIR");
    public static Rule SystemVolume { get; } = Descriptor("CBG2048", "Image declares a volume on a system folder", Severity.High, "CIS Docker 5.6");
    public static Rule StopSignal { get; } = Descriptor("CBG2049", "App cannot stop in order", Severity.Low, "OCI image specification, StopSignal");
    public static Rule NoHealthCheck { get; } = Descriptor("CBG2050", "Image has no health check", Severity.Info, "CIS Docker 4.6");
    public static Rule MissingProgram { get; } = Descriptor("CBG2051", "What the image starts is not there or not executable", Severity.High, "OCI image specification, Entrypoint");
    public static Rule CredentialInConfig { get; } = Descriptor("CBG2064", "Credential stands in labels or the start command", Severity.High, "CIS Docker 4.10", "NIST SP 800-190 4.1.4");

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(AdministrationPort, f => f.Config.ExposedPorts.Where(p => Port(p) is { } n && DangerousThings.AdministrationPort(n) is not null).Select(p => new ImageHit($"The image exposes port {p}: {DangerousThings.AdministrationPort(Port(p)!.Value)}.", "Take the ContainerPort item away; what is for debugging is published where somebody debugs.") { Key = p })),
        new(NoPort, f => f.Config.ExposedPorts.IsEmpty && f.Environment.Keys.Any(k => k is "ASPNETCORE_HTTP_PORTS" or "ASPNETCORE_URLS" or "ASPNETCORE_HTTPS_PORTS") ? [new ImageHit("The image serves HTTP and declares no port: nothing tells an orchestrator where to ask.", "Add <ContainerPort Include=\"8080\" Type=\"tcp\" />.")] : []),
        new(FalseLabel, f => f.Config.Labels.Where(l => l.Key.StartsWith(Prefix, StringComparison.Ordinal) && Wrong(l.Key[Prefix.Length..], l.Value)).Select(l => new ImageHit($"The label {l.Key} is '{Shorten(l.Value)}', which is no value of its kind.", $"Set <ContainerLabel Include=\"{l.Key}\" Value=\"…\" /> to what is true, or take it away.") { Key = l.Key })),
        new(MissingLabels, f => new[] { "version", "licenses" }.Where(n => !f.Config.Labels.ContainsKey(Prefix + n) && !f.Inspection.Image.Manifest.Annotations.ContainsKey(Prefix + n)).ToList() is { Count: > 0 } missing
            ? [new ImageHit($"The image lacks {string.Join(" and ", missing.Select(m => Prefix + m))}.", "Set <Version> and <PackageLicenseExpression> in the project; the SDK writes the labels from them.")] : []),
        new(NoBaseDigest, f => f.Config.Labels.ContainsKey(Prefix + "base.name") && !f.Config.Labels.ContainsKey(Prefix + "base.digest") ? [new ImageHit($"The image names its base and not the base's digest: nobody can tell later what it was built on.", "Leave ContainerGenerateLabelsImageBaseDigest at true.")] : []),
        new(DebugBase, f => Base(f) is { } name && (name.Contains("dotnet/sdk", StringComparison.Ordinal) || Tag(name).Contains("debug", StringComparison.Ordinal) || name.Contains("buildpack", StringComparison.Ordinal)) ? [new ImageHit($"The base image '{name}' is made for building or debugging.", "Leave ContainerBaseImage to the SDK, or name dotnet/aspnet or dotnet/runtime.")] : []),
        new(LargerBase, f => Base(f) is { } name && (name.Contains("dotnet/aspnet", StringComparison.Ordinal) || name.Contains("dotnet/runtime", StringComparison.Ordinal)) && !Tag(name).Contains("chiseled", StringComparison.Ordinal) && !Tag(name).Contains("distroless", StringComparison.Ordinal) && !Tag(name).Contains("alpine", StringComparison.Ordinal)
            ? [new ImageHit($"The base image '{Shorten(name)}' has a shell and a package manager; a flavour of the same family has neither.", "Set <ContainerFamily>noble-chiseled</ContainerFamily> (-extra where cultures or time zones are used).")] : []),
        new(WorkingFolder, f => f.Config is { Os: "linux", WorkingDir: { } folder } && (folder is "" or "/" or "/tmp" or "/root" || !folder.StartsWith('/') || DangerousThings.SystemFolder(folder) is "/etc" or "/proc" or "/sys" or "/dev" or "/bin" or "/sbin" or "/boot")
            ? [new ImageHit(folder.Length == 0 ? "The image sets no working folder: the app runs in /." : $"The image runs the app in {folder}.", "Set <ContainerWorkingDirectory>/app/</ContainerWorkingDirectory>, the SDK's default.")] : []),
        new(SystemVolume, f => f.Config.Volumes.Where(v => v.TrimEnd('/') is "" || DangerousThings.SystemFolder(v) is not null and not ("/home" or "/var/log" or "/root") && !v.StartsWith("/var/lib/", StringComparison.Ordinal) && !v.StartsWith("/usr/", StringComparison.Ordinal)).Select(v => new ImageHit($"The image declares a volume on {v}.", "Take it out of the base; keep data below /data or /var/lib/app.") { Key = v })),
        new(StopSignal, f => f.Config.StopSignal is "SIGKILL" or "KILL" or "9" or "SIGSTOP" ? [new ImageHit($"The stop signal is {f.Config.StopSignal}, which no process can answer: requests are cut off and data may be lost.", "Take the stop signal out of the base; .NET stops in order on SIGTERM, the default.")] : []),
        new(NoHealthCheck, f => f.Inspection.Image.Manifest.MediaType == MediaTypes.DockerManifest && f.Config.HealthcheckTest.IsEmpty ? [new ImageHit("The image has no health check.", "Check health where it is deployed (readinessProbe, Compose healthcheck): the SDK has no property for it, and the OCI format no place.")] : []),
        new(MissingProgram, Missing),
        new(CredentialInConfig, f => f.Config.Labels.Where(l => CredentialWords.UrlWithPassword(l.Value) is not null).Select(l => new ImageHit($"The label {l.Key} has a URL with a password in it ({CredentialWords.UrlWithPassword(l.Value)}).", "Take the password out of the URL of the Git remote or of the label, and change it.") { Key = l.Key })
            .Concat(f.Command.Where(a => CredentialWords.UrlWithPassword(a) is not null || CredentialWords.OptionWithCredential(a) is not null || CredentialWords.HasConnectionPassword(a)).Select((_, i) => new ImageHit("The start command has a credential in it.", "Take it out of ContainerAppCommandArgs or ContainerDefaultArgs; let the app read it at run time, and change it.") { Key = i.ToString(CultureInfo.InvariantCulture) }))),
    ];

    private static string? Base(HardeningFacts facts) => facts.Config.Labels.GetValueOrDefault(Prefix + "base.name");

    private static string Tag(string name) => name.LastIndexOf(':') is var colon && colon > name.LastIndexOf('/') ? name[(colon + 1)..] : "";

    private static int? Port(string port) => int.TryParse(port.Split('/')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Shorten(string text) => text.Length > 80 ? text[..80] + "…" : text;

    /// <summary>Values that the annotation's definition rules out. What was cut at a colon is another rule's.</summary>
    private static bool Wrong(string name, string value) => name switch
    {
        _ when value.Trim().Length == 0 => true,
        "created" => value.Length != 13 && !DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
        "url" or "source" or "documentation" => value is not ("http" or "https") && !Uri.TryCreate(value, UriKind.Absolute, out _) && !value.Contains('@', StringComparison.Ordinal),
        "base.digest" => !(value.StartsWith("sha256:", StringComparison.Ordinal) && value.Length == 71) && !value.StartsWith("sha512:", StringComparison.Ordinal),
        "revision" => value.Contains(' ', StringComparison.Ordinal) || value is "HEAD" or "unknown" or "null",
        "version" => value is "unknown" or "null" or "latest",
        _ => false,
    };

    private static IEnumerable<ImageHit> Missing(HardeningFacts facts)
    {
        var command = facts.Config.Os == "linux" ? facts.Command.ToList() : [];
        // A platform's layers may be foreign; links of whole folders are not followed. Only what is surely absent is said.
        var paths = command is [var dotnet, var dll, ..] && dotnet.Split('/')[^1] == "dotnet" && dll.EndsWith(".dll", StringComparison.Ordinal) ? new[] { dll } : command.Take(1);
        foreach (var path in paths)
        {
            var full = path.StartsWith('/') ? path : path.Contains('/', StringComparison.Ordinal) || path.EndsWith(".dll", StringComparison.Ordinal) ? $"{facts.Config.WorkingDir.TrimEnd('/')}/{path}" : null;
            var clean = full is null ? null : EntryPath.Clean(full);
            if (clean is null || PassesLink(facts, clean))
            {
                continue;
            }

            if (facts.Find(clean) is not { } entry)
            {
                yield return new ImageHit($"The image starts /{clean}, which is not in it: the container will not start.", "Leave ContainerAppCommand and ContainerEntrypoint to the SDK, or name a file that is published.") { Key = clean };
            }
            else if (entry.Type == EntryType.File && !clean.EndsWith(".dll", StringComparison.Ordinal) && (entry.Mode & 0b001_001_001) == 0)
            {
                yield return new ImageHit($"The image starts /{clean}, which nobody may execute: the container will not start.", "Publish it with the execute bit (chmod +x), or start it by its interpreter.") { Entry = entry, Key = clean };
            }
        }
    }

    private static bool PassesLink(HardeningFacts facts, string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (facts.Find(path[..slash]) is { Type: EntryType.SymbolicLink })
            {
                return true;
            }
        }

        return false;
    }
}
