using System.Collections.Immutable;
using System.CommandLine;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary>The options of Docker Content Trust, which mean the same in every command.</summary>
internal static class DctSettings
{
    public static Option<string?> Server { get; } = new("--dct-server") { Description = "The Notary server; DOCKER_CONTENT_TRUST_SERVER by default, else Docker's own for docker.io and the registry itself for the others.", HelpName = "URL" };

    public static Option<string[]> Signer { get; } = new("--dct-signer") { Description = "A signer (delegation) who must have signed the tag; again for more, all of whom must have.", HelpName = "NAME" };

    public static Option<string[]> RootKey { get; } = new("--dct-root-key") { Description = "The identity of the repository's root key; again for more, any of them. Without one the first that is seen is believed from then on.", HelpName = "ID" };

    /// <summary>What the options say, on top of <paramref name="otherwise"/>.</summary>
    /// <exception cref="GuardException">CBG9009: the server is no address.</exception>
    public static DctTrust Trust(ParseResult parsed, DctTrust otherwise)
    {
        var (server, signers, keys) = (parsed.GetValue(Server), parsed.GetValue(Signer) ?? [], parsed.GetValue(RootKey) ?? []);
        if (server is not null && !DctTrust.IsServer(server))
        {
            throw new GuardException("CBG9009", GuardFailure.Input, "--dct-server is not an https URL without user, query and fragment (http is for this machine alone).");
        }

        return otherwise with
        {
            Server = server is null ? otherwise.Server : new Uri(server),
            Signers = signers.Length == 0 ? otherwise.Signers : [.. signers],
            Pinning = keys.Length == 0 ? otherwise.Pinning : otherwise.Pinning with { Certificates = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("*", [.. keys]) },
        };
    }

    /// <summary>An option that stands without Docker Content Trust being asked for would do nothing, and look as if it did.</summary>
    /// <exception cref="GuardException">CBG9009: one does.</exception>
    public static void RefuseAlone(ParseResult parsed, params Option[] more)
    {
        if (((Option[])[Server, Signer, RootKey, .. more]).FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false }) is { } lost)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, $"{lost.Name} is for Docker Content Trust: add --dct.");
        }
    }
}
