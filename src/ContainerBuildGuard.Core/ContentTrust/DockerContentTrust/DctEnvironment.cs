using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Docker's environment variables of content trust, read as the docker client reads them.</summary>
public static class DctEnvironment
{
    public const string Switch = "DOCKER_CONTENT_TRUST";
    public const string ServerVariable = "DOCKER_CONTENT_TRUST_SERVER";
    private const string DockerHubServer = "https://notary.docker.io";

    /// <summary>Whether content trust is on. As in the docker client, what is no clear "no" is a yes: unset, empty, 0, f, F, false, False and FALSE are off, everything else is on.</summary>
    public static bool IsOn(Func<string, string?> environment) => environment(Switch) is not (null or "" or "0" or "f" or "F" or "false" or "False" or "FALSE");

    /// <summary>What the environment asks of every image; null where content trust is off.</summary>
    public static DctTrust? Read(Func<string, string?> environment) => IsOn(environment) ? new DctTrust() : null;

    /// <summary>The Notary server of a registry's images: the one that is named, else <c>DOCKER_CONTENT_TRUST_SERVER</c>, else Docker's own for docker.io and the registry itself for the others.</summary>
    /// <exception cref="GuardException">CBG9009: the address is no <c>https</c> URL; plain <c>http</c> is for this machine alone.</exception>
    public static Uri Server(Uri? named, string registry, Func<string, string?> environment)
    {
        var fromEnvironment = environment(ServerVariable);
        var (text, where) = named is not null ? (named.OriginalString, "The Notary server")
            : string.IsNullOrEmpty(fromEnvironment) ? (registry == ImageReference.DefaultRegistry ? DockerHubServer : $"https://{registry}", "The registry's Notary server")
            : (fromEnvironment, ServerVariable);
        return DctTrust.IsServer(text) ? new Uri(text)
            : throw new GuardException("CBG9009", GuardFailure.Input, $"{where} is not an https URL without user, query and fragment (http is for this machine alone): correct it.");
    }

    /// <summary>Docker's configuration folder; null where the user has no home.</summary>
    internal static string? DockerFolder(Func<string, string?> environment) =>
        environment("DOCKER_CONFIG") is { Length: > 0 } named ? named
        : (environment("HOME") is { Length: > 0 } home ? home : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile)) is { Length: > 0 } folder ? Path.Combine(folder, ".docker") : null;
}
