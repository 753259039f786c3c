namespace ContainerBuildGuard.Sigstore;

/// <summary>Trust that ships with this library: where an update from the repository of the instance starts, and what verification falls back to without a network.</summary>
public static class EmbeddedTrust
{
    private static readonly Lazy<TrustedRoot> PublicGoodRoot = new(() => TrustedRoot.Parse(Read("public-good.trusted_root.json")));
    private static readonly Lazy<TrustedRoot> StagingRoot = new(() => TrustedRoot.Parse(Read("staging.trusted_root.json")));

    /// <summary>The trusted root of the public-good instance (sigstore.dev) as it was when this library was built.</summary>
    public static TrustedRoot PublicGood => PublicGoodRoot.Value;

    /// <summary>The trusted root of the staging instance (sigstage.dev), where anybody may try things: never whom to trust for what runs.</summary>
    public static TrustedRoot Staging => StagingRoot.Value;

    /// <summary>Of which day <see cref="PublicGood"/> is: the release of the npm package @sigstore/tuf (5.0.1) that it was taken from.</summary>
    public static DateOnly PublicGoodDate { get; } = new(2026, 11, 5);

    /// <summary>Of which day <see cref="Staging"/> is at the earliest: the assets of sigstore-conformance that it was taken from.</summary>
    public static DateOnly StagingDate { get; } = new(2026, 8, 1);

    internal static byte[] Read(string name)
    {
        using var stream = typeof(EmbeddedTrust).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"The resource {name} is missing from the assembly.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
