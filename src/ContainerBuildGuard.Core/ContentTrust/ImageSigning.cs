using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>What to sign with, as options or properties say it.</summary>
public sealed record SigningOptions
{
    /// <summary>A reference to a long-lived key; null to sign with an identity.</summary>
    public string? Key { get; init; }

    /// <summary>Opens keys on PKCS#11 tokens, by their URI; null where none can be.</summary>
    public Func<string, CancellationToken, Task<ISigner>>? OpenToken { get; init; }

    /// <summary>A file with an identity token; null to take what the environment gives.</summary>
    public string? IdentityTokenFile { get; init; }

    /// <summary>Signs a person in; null where nobody is there.</summary>
    public Func<InteractiveIdentity, CancellationToken, Task<IdentityToken>>? SignIn { get; init; }

    /// <summary>A trusted root or client trust configuration; null for the public-good instance.</summary>
    public string? TrustedRootFile { get; init; }

    /// <summary>A signing configuration; null for the one of the trust.</summary>
    public string? SigningConfigFile { get; init; }
}

/// <summary>A signer that is ready: its key or certificate is there. Made before anything else is done, so that a missing one stops early.</summary>
public sealed class ImageSigning : IDisposable
{
    private readonly HttpClient _http;
    private readonly SigningCredential _credential;
    private readonly ISigner? _key;

    private ImageSigning(HttpClient http, SigningCredential credential, ISigner? key, BundleSigner signer) => (_http, _credential, _key, Signer) = (http, credential, key, signer);

    public BundleSigner Signer { get; }

    /// <summary>Opens the key, or gets a certificate for the identity; null where there is neither and none is named.</summary>
    /// <exception cref="GuardException">CBG3005, CBG3006 or CBG3007: it is named and cannot be used.</exception>
    public static async Task<ImageSigning?> OpenAsync(SigningOptions options, CancellationToken cancellationToken)
    {
        var http = TrustHttp.Create(TimeSpan.FromSeconds(60));
        try
        {
            var signing = options.Key is not null ? await WithKeyAsync(options, http, cancellationToken) : await WithIdentityAsync(options, http, cancellationToken);
            if (signing is null)
            {
                http.Dispose();
            }

            return signing;
        }
        catch (SigstoreException e)
        {
            http.Dispose();
            throw new GuardException(ContentTrustRules.SigningFailed.Code, GuardFailure.Environment, $"There is an identity to sign with, and it cannot be used: {e.Message.TrimEnd('.')}.", e);
        }
        catch
        {
            http.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _credential.Dispose();
        _key?.Dispose();
        _http.Dispose();
    }

    /// <summary>A key signs without witnesses, unless a configuration names them.</summary>
    private static async Task<ImageSigning> WithKeyAsync(SigningOptions options, HttpClient http, CancellationToken cancellationToken)
    {
        var key = await SigningKeys.OpenPrivateAsync(options.Key!, http, options.OpenToken, cancellationToken);
        var credential = SigningCredential.FromKey(key, Pkcs11Uri.IsUri(options.Key!) ? Pkcs11Uri.Parse(options.Key!).Name : options.Key!);
        if (options.SigningConfigFile is null)
        {
            return new ImageSigning(http, credential, key, new BundleSigner(credential, SigningServices.None, null, http));
        }

        var (trust, config) = await ConfigurationAsync(options, http, cancellationToken);
        return new ImageSigning(http, credential, key, new BundleSigner(credential, SigningServices.From(config, TimeProvider.System.GetUtcNow()), trust.Config.TrustedRoot, http));
    }

    private static async Task<ImageSigning?> WithIdentityAsync(SigningOptions options, HttpClient http, CancellationToken cancellationToken)
    {
        var token = options.IdentityTokenFile is { } file ? IdentityToken.Parse(await ReadTokenAsync(file, cancellationToken))
            : options.SignIn is not null ? null
            : (await AmbientIdentity.FindAsync(new AmbientContext(http, Environment.GetEnvironmentVariable, AmbientIdentity.DefaultAudience, cancellationToken)))?.Token;
        if (token is null && options.SignIn is null)
        {
            return null;
        }

        var (trust, config) = await ConfigurationAsync(options, http, cancellationToken);
        token ??= await options.SignIn!(new InteractiveIdentity(SigningConfig.Select(config.IdentityProviders, (ServiceSelector.Any, 1), 1, TimeProvider.System.GetUtcNow())[0].Url, http), cancellationToken);
        var now = TimeProvider.System.GetUtcNow();
        var authority = SigningConfig.Select(config.CertificateAuthorities, (ServiceSelector.Any, 1), 1, now)[0];
        var credential = await SigningCredential.FromIdentityAsync(token, authority.Url, http, cancellationToken);
        return new ImageSigning(http, credential, null, new BundleSigner(credential, SigningServices.From(config, now), trust.Config.TrustedRoot, http));
    }

    private static async Task<(SigstoreTrust Trust, SigningConfig Config)> ConfigurationAsync(SigningOptions options, HttpClient http, CancellationToken cancellationToken)
    {
        var (trust, _) = await SigstoreInstance.ResolveAsync(options.TrustedRootFile, offline: false, http, cancellationToken);
        var config = options.SigningConfigFile is { } file ? SigningConfig.Parse(await ReadAsync(file, cancellationToken)) : trust.Config.SigningConfig;
        return (trust, config ?? throw new SigstoreException(SigstoreError.Unsupported, $"the {trust.Source} instance says nothing about where to sign: name a signing configuration"));
    }

    private static async Task<string> ReadTokenAsync(string file, CancellationToken cancellationToken) => System.Text.Encoding.UTF8.GetString(await ReadAsync(file, cancellationToken));

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllBytesAsync(file, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, $"'{file}', which signing needs, cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
