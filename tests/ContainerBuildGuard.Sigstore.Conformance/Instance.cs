namespace ContainerBuildGuard.Sigstore.Conformance;

/// <summary>The Sigstore instance that the arguments mean.</summary>
internal static class Instance
{
    public static TrustedRoot TrustedRoot(Arguments arguments) => arguments.Find("--trusted-root") is { } path
        ? Sigstore.TrustedRoot.Parse(File.ReadAllBytes(path))
        : arguments.Has("--staging") ? EmbeddedTrust.Staging : EmbeddedTrust.PublicGood;

    public static async Task<SigningConfig> SigningConfigAsync(Arguments arguments, HttpClient http)
    {
        if (arguments.Find("--signing-config") is { } path)
        {
            return SigningConfig.Parse(await File.ReadAllBytesAsync(path));
        }

        var cache = Path.Combine(Path.GetTempPath(), "containerbuildguard-conformance");
        var trust = await (arguments.Has("--staging") ? TrustRepository.Staging(cache) : TrustRepository.PublicGood(cache)).UpdateAsync(http, CancellationToken.None);
        return trust.Config.SigningConfig ?? throw new SigstoreException(SigstoreError.Unsupported, $"the instance {trust.Source} gives no signing configuration");
    }
}
