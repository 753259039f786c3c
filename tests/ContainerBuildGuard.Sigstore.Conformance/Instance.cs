namespace ContainerBuildGuard.Sigstore.Conformance;

/// <summary>The Sigstore instance that the arguments mean.</summary>
internal static class Instance
{
    public static TrustedRoot TrustedRoot(Arguments arguments) => arguments.Find("--trusted-root") is { } path
        ? Sigstore.TrustedRoot.Parse(File.ReadAllBytes(path))
        : EmbeddedTrust.PublicGood;
}
