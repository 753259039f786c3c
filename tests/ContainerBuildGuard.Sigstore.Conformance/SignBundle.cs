namespace ContainerBuildGuard.Sigstore.Conformance;

/// <summary><c>sign-bundle</c></summary>
internal static class SignBundle
{
    public static async Task RunAsync(Arguments arguments)
    {
        using var http = new HttpClient();
        var root = Instance.TrustedRoot(arguments);
        var config = await Instance.SigningConfigAsync(arguments, http);
        var now = DateTimeOffset.UtcNow;
        var authority = SigningConfig.Select(config.CertificateAuthorities, (ServiceSelector.Any, 1), 1, now)[0];
        using var credential = await SigningCredential.FromIdentityAsync(IdentityToken.Parse(arguments.Get("--identity-token")), authority.Url, http, CancellationToken.None);
        var signer = new BundleSigner(credential, SigningServices.From(config, now), root, http);
        var content = await File.ReadAllBytesAsync(arguments.Subject);
        var bundle = arguments.Has("--in-toto") ? await signer.SignStatementAsync(content, CancellationToken.None) : await signer.SignContentAsync(content, CancellationToken.None);
        await File.WriteAllBytesAsync(arguments.Get("--bundle"), bundle.ToJson());
    }
}
