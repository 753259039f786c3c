namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>Environment variables that weaken whatever runs with them, wherever they are set: in an image, in a manifest.</summary>
internal static class DangerousVariables
{
    private static readonly HashSet<string> Loaders = new(StringComparer.Ordinal)
    {
        "LD_PRELOAD", "LD_AUDIT", "DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "CORECLR_PROFILER_PATH", "CORECLR_PROFILER_PATH_64", "PYTHONSTARTUP",
    };

    /// <summary>Whether a variable loads code into every process. Options of other runtimes count where they name code.</summary>
    public static bool LoadsCode(string name, string value) => name switch
    {
        "NODE_OPTIONS" => value.Contains("--require", StringComparison.Ordinal) || value.Contains("--import", StringComparison.Ordinal),
        "JAVA_TOOL_OPTIONS" => value.Contains("-javaagent", StringComparison.Ordinal) || value.Contains("-agentpath", StringComparison.Ordinal),
        _ => value.Length > 0 && Loaders.Contains(name),
    };

    public static bool SwitchesTlsOff(string name, string value) =>
        (name, value) is ("NODE_TLS_REJECT_UNAUTHORIZED", "0") or ("PYTHONHTTPSVERIFY", "0") or ("GIT_SSL_NO_VERIFY", "1" or "true") or ("NUGET_CERT_REVOCATION_MODE", "offline");

    public static bool IsDevelopment(string name, string value) =>
        name is "ASPNETCORE_ENVIRONMENT" or "DOTNET_ENVIRONMENT" or "NODE_ENV" or "FLASK_ENV" && value.Equals("Development", StringComparison.OrdinalIgnoreCase);
}
