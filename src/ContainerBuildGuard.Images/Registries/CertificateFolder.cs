using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Images;

/// <summary>Certificates of a registry from <c>certs.d</c> folders, as Docker and Podman lay them out.</summary>
internal static class CertificateFolder
{
    public static ImmutableArray<string> Defaults(Func<string, string?> environment)
    {
        var home = environment("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var docker = environment("DOCKER_CONFIG") is { Length: > 0 } named ? named : Path.Combine(home, ".docker");
        var config = environment("XDG_CONFIG_HOME") is { Length: > 0 } xdg ? xdg : Path.Combine(home, ".config");
        return OperatingSystem.IsWindows()
            ? [Path.Combine(docker, "certs.d"), Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "docker", "certs.d")]
            : [Path.Combine(docker, "certs.d"), Path.Combine(config, "containers", "certs.d"), "/etc/containers/certs.d", "/etc/docker/certs.d"];
    }

    /// <summary>The authorities and client certificates for <paramref name="authority"/> (host with port): of its own settings, and of every folder that has one for it.</summary>
    /// <exception cref="ImageException">A file is there and cannot be read.</exception>
    public static (X509Certificate2Collection Authorities, X509Certificate2Collection Clients) Load(RegistryClientOptions options, string authority)
    {
        var (authorities, clients) = (new X509Certificate2Collection(), new X509Certificate2Collection());
        if (options.Host(authority)?.CertificateAuthority is { } named)
        {
            Read(named, () => authorities.ImportFromPemFile(named));
        }

        // A Windows file name holds no colon, so Docker leaves it out there.
        var name = OperatingSystem.IsWindows() ? authority.Replace(":", "", StringComparison.Ordinal) : authority;
        foreach (var folder in options.CertificateFolders.Select(f => Path.Combine(f, name)).Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder, "*.crt").Order(StringComparer.Ordinal))
            {
                Read(file, () => authorities.ImportFromPemFile(file));
            }

            foreach (var file in Directory.EnumerateFiles(folder, "*.cert").Order(StringComparer.Ordinal))
            {
                Read(file, () => clients.Add(CertificateTrust.ReadPair(file, Path.ChangeExtension(file, ".key"))));
            }
        }

        return (authorities, clients);
    }

    private static void Read(string file, Action read)
    {
        try
        {
            read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new ImageException(ImageError.Io, $"The certificate file '{file}' cannot be read ({e.Message.TrimEnd('.')}): it must be PEM, and a client certificate needs its .key beside it.", e);
        }
    }
}
