namespace ContainerBuildGuard.Sigstore;

/// <summary>A Sigstore instance in one file: whom to trust and where to sign (<c>sigstore_trustroot.proto</c>, ClientTrustConfig v0.1).</summary>
/// <param name="TrustedRoot">Whom to trust.</param>
/// <param name="SigningConfig">Where to sign; null where the file is a trusted root alone.</param>
public sealed record ClientTrustConfig(TrustedRoot TrustedRoot, SigningConfig? SigningConfig)
{
    /// <summary>Reads a ClientTrustConfig; a trusted root alone is taken too.</summary>
    /// <exception cref="SigstoreException">Neither.</exception>
    public static ClientTrustConfig Parse(ReadOnlyMemory<byte> json)
    {
        using var document = ProtoMessage.Parse(json, TrustedRoot.MaxBytes, "the trust configuration");
        var root = ProtoMessage.Root(document);
        return IsMediaType(root.Text("mediaType"))
            ? new ClientTrustConfig(TrustedRootReader.Read(root.Required("trustedRoot")), root.Message("signingConfig") is { } config ? SigningConfig.Read(config) : null)
            : new ClientTrustConfig(TrustedRootReader.Read(root), null);
    }

    internal static bool IsMediaType(string? mediaType) => mediaType == "application/vnd.dev.sigstore.clienttrustconfig.v0.1+json";
}
