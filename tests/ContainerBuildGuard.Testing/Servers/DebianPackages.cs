namespace ContainerBuildGuard.Testing.Servers;

/// <summary>The servers and tools that the demo and the end-to-end tests run against.</summary>
public static class DebianPackages
{
    private static readonly (string Command, string Package)[] Needed =
    [
        ("docker-registry", "docker-registry"), ("skopeo", "skopeo"), ("mmdebstrap", "mmdebstrap"), ("htpasswd", "apache2-utils"),
        ("dockerd", "docker.io"), ("podman", "podman"), ("buildah", "buildah"), ("umoci", "umoci"), ("rpm", "rpm"), ("node", "nodejs"), ("npm", "npm"), ("strace", "strace"), ("debian-distro-info", "distro-info"), ("gcc", "build-essential"), ("openssl", "openssl"), ("notary-server", "notary"), ("softhsm2-util", "softhsm2"), ("pkcs11-tool", "opensc"),
    ];

    /// <summary>Installs what is missing where that is possible (root on Debian or Ubuntu); else says what is missing.</summary>
    public static async Task InstallMissingAsync()
    {
        var missing = Needed.Where(n => !ProcessRunner.Exists(n.Command)).Select(n => n.Package).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        if (!ProcessRunner.Exists("apt-get") || !Environment.IsPrivilegedProcess)
        {
            Console.WriteLine($"Missing, and not installed for lack of apt-get or root: {string.Join(", ", missing)}. What needs them is skipped.");
            return;
        }

        Console.WriteLine($"Installing {string.Join(", ", missing)}");
        var environment = new Dictionary<string, string?> { ["DEBIAN_FRONTEND"] = "noninteractive" };
        await ProcessRunner.RunAsync("apt-get", ["update", "-q"], environment: environment);
        var result = await ProcessRunner.RunAsync("apt-get", ["install", "-y", "-q", "--no-install-recommends", .. missing], environment: environment);
        if (result.ExitCode != 0)
        {
            Console.WriteLine($"Installing failed; what needs these packages is skipped: {result.Output[^Math.Min(500, result.Output.Length)..]}");
        }
    }
}
