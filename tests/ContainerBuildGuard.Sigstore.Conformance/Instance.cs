namespace ContainerBuildGuard.Sigstore.Conformance;

/// <summary>The Sigstore instance that the arguments mean. The staging instance needs its own files: no root of it ships with the library.</summary>
internal static class Instance
{
    public static TrustedRoot TrustedRoot(Arguments arguments) => arguments.Find("--trusted-root") is { } path
        ? Sigstore.TrustedRoot.Parse(File.ReadAllBytes(path))
        : arguments.Has("--staging") ? throw new ArgumentException("--staging needs --trusted-root.") : EmbeddedTrust.PublicGood;

    public static async Task<SigningConfig> SigningConfigAsync(Arguments arguments, HttpClient http)
    {
        if (arguments.Find("--signing-config") is { } path)
        {
            return SigningConfig.Parse(await File.ReadAllBytesAsync(path));
        }

        if (arguments.Has("--staging"))
        {
            throw new ArgumentException("--staging needs --signing-config.");
        }

        var trust = await TrustRepository.PublicGood(Path.Combine(Path.GetTempPath(), "containerbuildguard-conformance")).UpdateAsync(http, CancellationToken.None);
        return trust.Config.SigningConfig ?? throw new SigstoreException(SigstoreError.Unsupported, "the public-good instance gives no signing configuration");
    }
}
