using System.Security.Cryptography;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>The private keys of a docker or notary client: <c>private/ID.key</c> below its trust folder. They are read, never written.</summary>
/// <param name="folder">The trust folder; null for the docker client's.</param>
/// <param name="environment">The environment, which holds the passphrases.</param>
public sealed class DctKeyFolder(string? folder, Func<string, string?> environment)
{
    private const int MaxBytes = 64 << 10;
    private const string RepositoryPassphrase = "DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE";
    private readonly string? _private = (folder ?? (DctEnvironment.DockerFolder(environment) is { } docker ? Path.Combine(docker, "trust") : null)) is { } trust ? Path.Combine(trust, "private") : null;

    /// <summary>Whether the private half of the key is there.</summary>
    internal bool Has(DctKey key) => PathOf(key) is { } file && File.Exists(file);

    /// <exception cref="GuardException">CBG3005: it cannot be read, or no passphrase opens it.</exception>
    internal DctSigningKey Open(DctKey key, string role)
    {
        var file = PathOf(key)!;
        string[] variables = [RepositoryPassphrase, role switch
        {
            DctRole.Targets => "NOTARY_TARGETS_PASSPHRASE",
            DctRole.Snapshot => "NOTARY_SNAPSHOT_PASSPHRASE",
            _ => "NOTARY_DELEGATION_PASSPHRASE",
        }];
        try
        {
            var pem = new FileInfo(file).Length <= MaxBytes ? File.ReadAllText(file) : throw new CryptographicException($"it has more than {MaxBytes} bytes");
            var opened = DctSigningKey.Parse(pem, variables.Select(environment).OfType<string>().Where(p => p.Length > 0))
                ?? throw Failure($"The key '{file}' of {role} is encrypted, and the passphrase that opens it is in none of {string.Join(" and ", variables)}: set one of them");
            if (opened.CanonicalId == key.CanonicalId)
            {
                return opened;
            }

            opened.Dispose();
            throw Failure($"The key '{file}' is not the one that its name says: import it anew with `docker trust key load`");
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw Failure($"The key '{file}' of {role} cannot be read ({e.Message.TrimEnd('.')}): ECDSA and RSA keys in PKCS#8 are, as `docker trust key load` writes them", e);
        }
    }

    /// <summary>Identities are checked to be hashes, so that none leads out of the folder.</summary>
    private string? PathOf(DctKey key) => _private is null ? null : Path.Combine(_private, $"{key.CanonicalId}.key");

    private static GuardException Failure(string what, Exception? inner = null) => new(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, $"{what}.", inner);
}
