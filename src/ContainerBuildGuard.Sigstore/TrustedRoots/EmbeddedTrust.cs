namespace ContainerBuildGuard.Sigstore;

/// <summary>Trust that ships with this library: where an update from the repository of the instance starts, and what verification falls back to without a network.</summary>
public static class EmbeddedTrust
{
    private static readonly Lazy<TrustedRoot> PublicGoodRoot = new(() => TrustedRoot.Parse(Read("public-good.trusted_root.json")));

    /// <summary>The trusted root of the public-good instance (sigstore.dev) as it was when this library was built.</summary>
    public static TrustedRoot PublicGood => PublicGoodRoot.Value;

    internal static byte[] Read(string name)
    {
        using var stream = typeof(EmbeddedTrust).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The resource {name} is missing from the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
