namespace ContainerBuildGuard.Images;

/// <summary>An operating system and processor architecture, in Go's names (OCI image index, "platform").</summary>
public sealed record Platform(string Os, string Architecture, string? Variant = null, string? OsVersion = null)
{
    /// <summary>Parses <c>os/arch[/variant]</c>; the names that other systems give an architecture (<c>x86_64</c>, <c>aarch64</c>, <c>armhf</c>) are taken too.</summary>
    /// <exception cref="FormatException">Not of that form.</exception>
    public static Platform Parse(string text)
    {
        var parts = text.ToLowerInvariant().Split('/');
        return parts.Length is 2 or 3 && parts.All(p => p.Length > 0)
            ? new Platform(parts[0], parts[1], parts.ElementAtOrDefault(2)).WithGoNames()
            : throw new FormatException($"'{text}' is not a platform (expected os/arch or os/arch/variant, for example linux/amd64).");
    }

    /// <summary>True when an image for this platform satisfies a request for <paramref name="wanted"/>: a request without a variant takes every one.</summary>
    public bool Satisfies(Platform wanted) =>
        Os == wanted.Os && Architecture == wanted.Architecture && (wanted.Variant is null || EffectiveVariant == wanted.EffectiveVariant);

    /// <summary>
    /// How near an image for this platform comes to a processor of <paramref name="wanted"/>: 0 the same variant, then one more for each variant below that
    /// the processor also runs (arm v7 runs v6 and v5; amd64 v3 runs v2 and v1); null where it does not run there.
    /// </summary>
    public int? DistanceTo(Platform wanted)
    {
        if (Os != wanted.Os || Architecture != wanted.Architecture)
        {
            return null;
        }

        if (wanted.Variant is null || EffectiveVariant == wanted.EffectiveVariant)
        {
            return 0;
        }

        return Architecture is "arm" or "amd64" && Level(wanted) is { } most && Level(this) is { } own && own < most ? most - own : null;
    }

    /// <inheritdoc />
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    /// <summary>The variant that is meant where none is written: v8 of arm64, v7 of arm, v1 of amd64.</summary>
    private string? EffectiveVariant => (Architecture, Variant) switch
    {
        ("arm64", null or "8") => "v8",
        ("arm", null) => "v7",
        ("arm", [>= '5' and <= '8'] number) => $"v{number}",
        ("amd64", null) => "v1",
        _ => Variant,
    };

    private static int? Level(Platform platform) => platform.EffectiveVariant is ['v', >= '1' and <= '9' and var digit] ? digit - '0' : null;

    private Platform WithGoNames() => Architecture switch
    {
        "x86_64" or "x86-64" or "x64" => this with { Architecture = "amd64" },
        "aarch64" => this with { Architecture = "arm64" },
        "armhf" => this with { Architecture = "arm", Variant = Variant ?? "v7" },
        "armel" => this with { Architecture = "arm", Variant = Variant ?? "v6" },
        "i386" or "x86" => this with { Architecture = "386" },
        _ => this,
    };
}
