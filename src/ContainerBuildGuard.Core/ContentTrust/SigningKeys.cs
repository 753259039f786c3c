using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Finds keys by reference: a file (PEM or PKCS#12), <c>env://NAME</c> for a PEM in a variable, <c>certstore://THUMBPRINT</c>, a key management service, or a PKCS#11 token. The key itself never travels in an option.</summary>
public static class SigningKeys
{
    private const int MaxBytes = 64 << 10;
    private static readonly string[] PasswordVariables = ["CONTAINERBUILDGUARD_KEY_PASSWORD", "COSIGN_PASSWORD"];

    /// <exception cref="GuardException">CBG3005: missing or unusable.</exception>
    public static Task<ISigner> OpenPrivateAsync(string reference, HttpClient http, CancellationToken cancellationToken) => OpenPrivateAsync(reference, http, null, cancellationToken);

    /// <param name="reference">The key.</param>
    /// <param name="http">The client.</param>
    /// <param name="openToken">Opens keys on PKCS#11 tokens, whose modules are native code of others; null where none can be.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="GuardException">CBG3005: missing or unusable.</exception>
    public static Task<ISigner> OpenPrivateAsync(string reference, HttpClient http, Func<string, CancellationToken, Task<ISigner>>? openToken, CancellationToken cancellationToken) => GuardedAsync(async () =>
        Pkcs11Uri.IsUri(reference) ? openToken is null ? throw NotHere(reference) : await openToken(reference, cancellationToken)
        : KeyServices.IsReference(reference) ? await KeyServices.OpenAsync(reference, http, Environment.GetEnvironmentVariable, cancellationToken)
        : StoreCertificates.IsReference(reference) ? StoreCertificates.OpenKey(reference)
        : Path.GetExtension(reference) is ".p12" or ".pfx" ? SigningKey.ParsePkcs12(ReadFile(reference), Password, reference)
        : (ISigner)SigningKey.Parse(Read(reference), Password, reference));

    /// <exception cref="GuardException">CBG3005: missing or unusable.</exception>
    public static Task<VerificationKey> OpenPublicAsync(string reference, HttpClient http, CancellationToken cancellationToken) => GuardedAsync(async () =>
        KeyServices.IsReference(reference)
            ? (await KeyServices.OpenAsync(reference, http, Environment.GetEnvironmentVariable, cancellationToken)).PublicKey
            : VerificationKey.Parse(Read(reference), reference));

    /// <summary>The public half of a private key, wherever that is kept.</summary>
    /// <exception cref="GuardException">CBG3005: missing or unusable.</exception>
    public static async Task<string> PublicPemAsync(string reference, Func<string, CancellationToken, Task<ISigner>>? openToken, CancellationToken cancellationToken)
    {
        using var http = TrustHttp.Create(TimeSpan.FromSeconds(60));
        using var signer = await OpenPrivateAsync(reference, http, openToken, cancellationToken);
        return signer.PublicKey.Pem;
    }

    /// <summary>A key's signature over some data, in its usual way where no other is named.</summary>
    /// <exception cref="GuardException">CBG3005: missing or unusable, or its holder refuses.</exception>
    public static async Task<byte[]> SignAsync(string reference, ReadOnlyMemory<byte> data, SignatureAlgorithm? algorithm, Func<string, CancellationToken, Task<ISigner>>? openToken, CancellationToken cancellationToken)
    {
        using var http = TrustHttp.Create(TimeSpan.FromSeconds(60));
        using var signer = await OpenPrivateAsync(reference, http, openToken, cancellationToken);
        return await GuardedAsync(async () => algorithm is null ? await signer.SignAsync(data, cancellationToken) : await signer.SignAsync(data, algorithm, cancellationToken));
    }

    /// <summary>Writes a new pair: <c>PREFIX.key</c>, readable by its owner alone, in cosign's encrypted form where a password is set in the environment, and <c>PREFIX.pub</c>.</summary>
    /// <exception cref="GuardException">CBG9012: a file is there already, or cannot be written.</exception>
    public static (string PrivatePath, string PublicPath, bool Encrypted) Generate(string prefix)
    {
        var (privatePath, publicPath) = (Path.GetFullPath(prefix + ".key"), Path.GetFullPath(prefix + ".pub"));
        try
        {
            using var key = SigningKey.Generate();
            if (File.Exists(publicPath))
            {
                throw new IOException($"'{publicPath}' exists");
            }

            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            var password = string.IsNullOrEmpty(Password) ? null : Password;
            using (var writer = new StreamWriter(privatePath, options))
            {
                writer.Write(key.ExportPem(password));
            }

            File.WriteAllText(publicPath, key.PublicKey.Pem);
            return (privatePath, publicPath, password is not null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuardException("CBG9012", GuardFailure.Environment, $"The key pair could not be written ({e.Message.TrimEnd('.')}): keys are never overwritten; choose another name with --output-key-prefix.", e);
        }
    }

    /// <summary>The certificates that come with a key: of a PKCS#12 file, after the key in its PEM, or from the platform's stores. None where it is kept elsewhere.</summary>
    /// <exception cref="GuardException">CBG3005: the file cannot be read.</exception>
    public static Task<IReadOnlyList<X509Certificate2>> ReadCertificatesAsync(string reference) => GuardedAsync(() => Task.FromResult<IReadOnlyList<X509Certificate2>>(
        KeyServices.IsReference(reference) || Pkcs11Uri.IsUri(reference) ? []
        : StoreCertificates.IsReference(reference) ? StoreCertificates.Chain(reference)
        : Path.GetExtension(reference) is ".p12" or ".pfx" ? [.. X509CertificateLoader.LoadPkcs12Collection(ReadFile(reference), Password, OperatingSystem.IsMacOS() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet)]
        : FromPem(Read(reference))));

    /// <summary>An empty password is one too: cosign writes such keys.</summary>
    private static string? Password => PasswordVariables.Select(Environment.GetEnvironmentVariable).FirstOrDefault(p => p is not null);

    private static X509Certificate2[] FromPem(string pem)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPem(pem);
        return [.. found];
    }

    private static KeyException NotHere(string reference) =>
        new($"The key '{Pkcs11Uri.Parse(reference).Name}' is on a PKCS#11 token, which `cbg sign` and `cbg attest` open and nothing else does: verify by its public key, which `cbg keys public` writes.");

    private static string Read(string reference)
    {
        if (Pkcs11Uri.IsUri(reference))
        {
            throw NotHere(reference);
        }

        if (reference.StartsWith("env://", StringComparison.Ordinal))
        {
            return Environment.GetEnvironmentVariable(reference[6..]) is { Length: > 0 } value
                ? value
                : throw new KeyException($"The environment variable '{reference[6..]}', which the key reference names, is empty or not set.");
        }

        if (reference.Contains("://", StringComparison.Ordinal))
        {
            throw new KeyException($"Key references of the kind '{reference.Split("://")[0]}://' are not supported: name a file, env://NAME, certstore://THUMBPRINT, awskms://…, azurekms://… or pkcs11:….");
        }

        return System.Text.Encoding.UTF8.GetString(ReadFile(reference));
    }

    private static byte[] ReadFile(string path) => new FileInfo(path) switch
    {
        { Exists: false } => throw new KeyException($"There is no key file '{path}': correct the path, or make a pair with `cbg keys generate`."),
        { Length: > MaxBytes } => throw new KeyException($"The key file '{path}' has more than {MaxBytes} bytes: it is not a key."),
        _ => File.ReadAllBytes(path),
    };

    private static async Task<T> GuardedAsync<T>(Func<Task<T>> load)
    {
        try
        {
            return await load();
        }
        catch (KeyException e)
        {
            throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, e.Message, e);
        }
        catch (CryptographicException e)
        {
            throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, "The key's certificates cannot be read: they are of no known form, or the password is wrong.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Environment, $"The key cannot be read ({e.Message.TrimEnd('.')}): check the path and its permissions.", e);
        }
    }
}
