using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Inspection;
using static ContainerBuildGuard.HardenedConfiguration.ImageRule;

namespace ContainerBuildGuard.HardenedConfiguration.Images;

/// <summary>Variables that weaken whatever runs.</summary>
internal static class EnvironmentRules
{
    public static Rule LoadsCode { get; } = Descriptor("CBG2031", "A variable loads code into every process", Severity.Medium, "NIST SP 800-190 4.1.2");
    public static Rule TlsOff { get; } = Descriptor("CBG2032", "TLS verification is switched off", Severity.Medium, "OWASP A02");
    public static Rule Diagnostics { get; } = Descriptor("CBG2033", "Diagnostics port or crash dumps are switched on", Severity.Medium, "NIST SP 800-190 4.1.2");
    public static Rule SearchPath { get; } = Descriptor("CBG2034", "PATH has a folder that others can write to", Severity.Medium, "CIS Docker 4.8");
    public static Rule DetailedErrors { get; } = Descriptor("CBG2035", "Detailed errors are switched on", Severity.Medium, "OWASP A05");
    public static Rule OldPrefix { get; } = Descriptor("CBG2037", "A variable has a prefix that .NET no longer reads everywhere", Severity.Info, ".NET runtime configuration settings");
    public static Rule PlainHttp { get; } = Descriptor("CBG2038", "App listens without TLS on every interface", Severity.Info, "CIS Docker 5.14");
    public static Rule ForwardedHeaders { get; } = Descriptor("CBG2039", "Forwarded headers of anybody are believed", Severity.Low, "OWASP A05");
    public static Rule TimeZone { get; } = Descriptor("CBG2041", "Time zone or culture has no data in the image", Severity.Low, ".NET globalization");

    public static IReadOnlyList<ImageRule> All { get; } =
    [
        new(LoadsCode, f => f.Environment.Where(v => DangerousVariables.LoadsCode(v.Key, v.Value) || v is { Key: "LD_LIBRARY_PATH", Value.Length: > 0 }).Select(v => new ImageHit($"The variable {v.Key} loads code into every process of the container.", $"Take {v.Key} out of ContainerEnvironmentVariable; a profiler is attached where it is deployed.")
        { Key = v.Key, Severity = IsWritable(f, v.Value) ? Severity.High : null })),
        new(TlsOff, f => f.Environment.Where(v => DangerousVariables.SwitchesTlsOff(v.Key, v.Value))
            .Select(v => new ImageHit($"{v.Key}={v.Value} switches the verification of servers off.", $"Take {v.Key} out of ContainerEnvironmentVariable and add the certificate authority that is missing.") { Key = v.Key })),
        new(Diagnostics, f => f.Environment.Where(v => (v.Key == "DOTNET_DiagnosticPorts" && v.Value.Length > 0) || (v.Key.EndsWith("_DbgEnableMiniDump", StringComparison.Ordinal) && v.Value == "1") || (v.Key == "CORECLR_ENABLE_PROFILING" && v.Value == "1"))
            .Select(v => new ImageHit($"{v.Key} opens the process to tools, or writes its memory to disk when it crashes.", $"Take {v.Key} out of ContainerEnvironmentVariable and set it for the one container that is looked into.") { Key = v.Key })),
        new(SearchPath, f => f.Environment.GetValueOrDefault("PATH", "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(p => !p.StartsWith('/') || IsWritable(f, p) || p is "/tmp" or "/var/tmp")
            .Select(p => new ImageHit($"PATH names '{p}', where another program than the one meant can be put.", "Take it out of PATH, or make it root's with mode 755.") { Key = p })),
        new(DetailedErrors, f => f.Environment.Where(v => v.Key is "ASPNETCORE_DETAILEDERRORS" or "ASPNETCORE_CAPTURESTARTUPERRORS" && v.Value is "1" or "true" or "True").Select(v => new ImageHit($"{v.Key} shows stack traces and settings to whoever causes an error.", $"Take {v.Key} out of ContainerEnvironmentVariable.") { Key = v.Key })),
        new(OldPrefix, f => f.Environment.Keys.Where(k => k.StartsWith("COMPlus_", StringComparison.Ordinal)).Select(k => new ImageHit($"{k} has the prefix of .NET Core: newer settings do not read it.", $"Write DOTNET_{k[8..]}.") { Key = k })),
        new(PlainHttp, f => f.Environment.Where(v => v.Key == "ASPNETCORE_URLS" && v.Value.Contains("http://", StringComparison.Ordinal) && !v.Value.Contains("https://", StringComparison.Ordinal) && !v.Value.Contains("localhost", StringComparison.Ordinal) && !v.Value.Contains("127.0.0.1", StringComparison.Ordinal))
            .Select(v => new ImageHit("The app listens on plain HTTP alone, on every interface.", "End TLS in front of it (ingress, mesh), and let nobody else reach the port.") { Key = v.Key })),
        new(ForwardedHeaders, f => f.Environment.Where(v => v is { Key: "ASPNETCORE_FORWARDEDHEADERS_ENABLED", Value: "true" or "True" or "1" }).Select(_ => new ImageHit("ASPNETCORE_FORWARDEDHEADERS_ENABLED believes X-Forwarded-For and -Proto of anybody: addresses in logs and checks can be forged.", "Configure ForwardedHeadersOptions with KnownProxies or KnownIPNetworks instead."))),
        new(TimeZone, f => f.Environment.Where(v => v.Key == "TZ" && v.Value.Contains('/', StringComparison.Ordinal) && v.Value[0] != ':' && f.Find("usr/share/zoneinfo/" + v.Value) is null && f.Find("usr/share/zoneinfo") is null && !f.Inspection.Files.Visible.Any(e => e.Path.StartsWith("usr/share/zoneinfo/", StringComparison.Ordinal)))
            .Select(v => new ImageHit($"TZ is {v.Value}, and the image has no time zone data: times are UTC without a word.", "Take a -extra flavour of the base, or keep UTC and convert in the app.") { Key = "TZ" })
            .Concat(f.Environment.Where(v => v is { Key: "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", Value: "false" or "0" } && !f.Inspection.Files.Visible.Any(e => e.Name.StartsWith("libicuuc", StringComparison.Ordinal) || e.Name == "System.Private.CoreLib.Icu"))
                .Select(v => new ImageHit("Cultures are switched on and the image has no ICU library: the app does not start.", "Take a -extra flavour of the base, or set InvariantGlobalization=true.") { Key = v.Key }))),
    ];

    /// <summary>Whether a path in the image, or a folder on the way to it, can be written by everybody.</summary>
    private static bool IsWritable(HardeningFacts facts, string path)
    {
        for (var current = path.Trim('/'); current.Length > 0; current = current.Contains('/', StringComparison.Ordinal) ? current[..current.LastIndexOf('/')] : "")
        {
            if (facts.Find(current) is { Type: not EntryType.SymbolicLink } entry && (entry.Mode & 0b010) != 0)
            {
                return true;
            }
        }

        return false;
    }
}
