using System.Security.Cryptography;
using System.Text;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.DotNet;

namespace ContainerBuildGuard.HostSecurity.Facts;

/// <summary>
/// The facts of this machine for one folder and one environment, kept for an hour beside the user's other caches. The cache helps and never hinders: a file that is old, damaged or
/// writable by others counts as none.
/// </summary>
public static class HostFactsCache
{
    private const UnixFileMode Others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    /// <summary>Variables that say where collectors look; a test holds that none is missing.</summary>
    private static readonly string[] Locations =
        ["PATH", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOTNET_ROOT", "NUGET_PACKAGES", "REGISTRY_AUTH_FILE", "KUBERNETES_SERVICE_HOST"];

    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <param name="probe">The machine.</param>
    /// <param name="folder">Where facts are kept; null for nowhere.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the collection.</param>
    public static async Task<HostFacts> GetAsync(IHostProbe probe, string? folder, TimeProvider time, CancellationToken cancellationToken)
    {
        var file = folder is null ? null : Path.Combine(folder, Key(probe) + ".json");
        if (file is not null && Load(file, time) is { } kept)
        {
            return kept;
        }

        var facts = await HostCollector.CollectAsync(probe, time, cancellationToken);
        if (file is not null)
        {
            Store(file, facts);
        }

        return facts;
    }

    /// <summary>What the collectors ask of the process and not of the machine. Of variables that are named like secrets only that they are set counts, as in the facts.</summary>
    private static string Key(IHostProbe probe)
    {
        var key = new StringBuilder().Append(probe.WorkingDirectory).Append('\0').Append(probe.HomeDirectory).Append('\0').Append(Environment.IsPrivilegedProcess);
        foreach (var name in probe.EnvironmentVariableNames.Order(StringComparer.Ordinal))
        {
            if (UserCollector.IsSecret(name))
            {
                key.Append('\0').Append(name);
            }
            else if (UserCollector.Public.Contains(name) || Locations.Contains(name))
            {
                key.Append('\0').Append(name).Append('=').Append(probe.EnvironmentVariable(name));
            }
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())))[..32];
    }

    private static HostFacts? Load(string file, TimeProvider time)
    {
        try
        {
            if (!File.Exists(file) || (!OperatingSystem.IsWindows() && ((File.GetUnixFileMode(file) | File.GetUnixFileMode(Path.GetDirectoryName(file)!)) & Others) != 0))
            {
                return null;
            }

            var facts = HostFactsFile.Read(file);
            var age = time.GetUtcNow() - facts.Collected;
            return age >= TimeSpan.Zero && age < Lifetime ? facts : null;
        }
        catch (Exception e) when (e is GuardException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Store(string file, HostFacts facts)
    {
        var beside = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            var folder = Path.GetDirectoryName(file)!;
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }

            File.WriteAllText(beside, HostFactsFile.Write(facts));
            File.Move(beside, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(beside);
        }
    }
}
