namespace ContainerBuildGuard.ContentSecurity;

/// <summary>What the tags of .NET's own base images say.</summary>
internal static class BaseTags
{
    private const string Registry = "mcr.microsoft.com/dotnet/";

    /// <summary>
    /// The tag of the same flavour with another runtime: <c>aspnet:10.0-noble-chiseled</c> and <c>10.0.13</c> give <c>aspnet:10.0.13-noble-chiseled</c>.
    /// Null for other images, and where the tag does not begin with the runtime's line.
    /// </summary>
    public static string? WithRuntime(string image, string? version)
    {
        var name = image.Split('@')[0];
        var colon = name.LastIndexOf(':');
        if (version is null || version.Contains('-', StringComparison.Ordinal) || !name.StartsWith(Registry, StringComparison.Ordinal) || colon < Registry.Length)
        {
            return null;
        }

        var (tag, line) = (name[(colon + 1)..], string.Join('.', version.Split('.').Take(2)));
        var dash = tag.IndexOf('-', StringComparison.Ordinal);
        var number = dash < 0 ? tag : tag[..dash];
        return number == line || number.StartsWith($"{line}.", StringComparison.Ordinal) ? $"{name[..(colon + 1)]}{version}{(dash < 0 ? "" : tag[dash..])}" : null;
    }
}
