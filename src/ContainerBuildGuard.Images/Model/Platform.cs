namespace ContainerBuildGuard.Images;

/// <summary>An operating system and processor architecture, in Go's names (OCI image index, "platform").</summary>
public sealed record Platform(string Os, string Architecture, string? Variant = null, string? OsVersion = null)
{
    /// <summary>Parses <c>os/arch[/variant]</c>.</summary>
    /// <exception cref="FormatException">Not of that form.</exception>
    public static Platform Parse(string text) => text.Split('/') switch
    {
        [{ Length: > 0 } os, { Length: > 0 } arch] => new(os, arch),
        [{ Length: > 0 } os, { Length: > 0 } arch, { Length: > 0 } variant] => new(os, arch, variant),
        _ => throw new FormatException($"'{text}' is not a platform (expected os/arch or os/arch/variant, for example linux/amd64)."),
    };

    /// <summary>True when an image for this platform satisfies a request for <paramref name="wanted"/>; arm64 without a variant means v8.</summary>
    public bool Satisfies(Platform wanted) =>
        Os == wanted.Os && Architecture == wanted.Architecture
        && (wanted.Variant is null || Normalized(this) == Normalized(wanted));

    private static string? Normalized(Platform p) => p is { Architecture: "arm64", Variant: null } ? "v8" : p.Variant;

    /// <inheritdoc />
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";
}
