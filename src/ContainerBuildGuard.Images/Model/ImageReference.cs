using System.Text.RegularExpressions;

namespace ContainerBuildGuard.Images;

/// <summary>A registry reference by the distribution grammar: <c>[registry/]repository[:tag][@digest]</c>.</summary>
public sealed partial record ImageReference
{
    private ImageReference(string registry, string repository, string? tag, Digest? digest) =>
        (Registry, Repository, Tag, Digest) = (registry, repository, tag, digest);

    /// <summary>The registry's host and port; <c>docker.io</c> where none is named.</summary>
    public string Registry { get; }

    /// <summary>The repository, <c>library/</c> added for official images of docker.io.</summary>
    public string Repository { get; }

    /// <summary>The tag; null where a digest alone is given.</summary>
    public string? Tag { get; init; }

    /// <summary>The digest, where given; it wins over the tag.</summary>
    public Digest? Digest { get; init; }

    /// <summary>What the manifest is asked for by: the digest, else the tag.</summary>
    public string Selector => Digest?.ToString() ?? Tag!;

    /// <summary>Parses <paramref name="text"/>.</summary>
    /// <exception cref="ImageException">Not a reference.</exception>
    public static ImageReference Parse(string text)
    {
        var rest = text;
        Digest? digest = null;
        if (rest.IndexOf('@', StringComparison.Ordinal) is >= 0 and var at)
        {
            digest = Images.Digest.TryParse(rest[(at + 1)..], out var parsed)
                ? parsed
                : throw Invalid(text, "what follows '@' is not a digest (sha256:<64 hexadecimal characters>)");
            rest = rest[..at];
        }

        string? tag = null;
        if (rest.LastIndexOf(':') is >= 0 and var colon && rest.IndexOf('/', colon) < 0 && !(rest.IndexOf('/', StringComparison.Ordinal) < 0 && rest.StartsWith('[')))
        {
            tag = rest[(colon + 1)..];
            rest = rest[..colon];
            if (!TagPattern().IsMatch(tag))
            {
                throw Invalid(text, "the tag may hold letters, digits, '_', '.' and '-', 128 characters at most");
            }
        }

        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : rest[..slash];
        var named = first is "localhost" || first.AsSpan().ContainsAny('.', ':') || first.Any(char.IsAsciiLetterUpper);
        var registry = named ? first : "docker.io";
        var repository = named ? rest[(slash + 1)..] : rest;
        if (registry is "index.docker.io" or "registry-1.docker.io")
        {
            registry = "docker.io";
        }

        if (registry == "docker.io" && !repository.Contains('/', StringComparison.Ordinal))
        {
            repository = $"library/{repository}";
        }

        if (!RegistryPattern().IsMatch(registry))
        {
            throw Invalid(text, $"'{registry}' is not a registry's host name");
        }

        if (repository.Any(char.IsAsciiLetterUpper))
        {
            throw Invalid(text, "repository names are lower case");
        }

        if (!RepositoryPattern().IsMatch(repository) || repository.Length > 255)
        {
            throw Invalid(text, "the repository is made of lower-case letters and digits, separated by '/', '.', '_', '__' or '-'");
        }

        return new ImageReference(registry, repository, tag ?? (digest is null ? "latest" : null), digest);
    }

    /// <inheritdoc />
    public override string ToString() => $"{Registry}/{Repository}" + (Tag is null ? "" : $":{Tag}") + (Digest is null ? "" : $"@{Digest}");

    private static ImageException Invalid(string text, string why) =>
        new(ImageError.InvalidReference, $"'{text}' is not an image reference: {why}. Expected registry/repository:tag or registry/repository@sha256:….");

    [GeneratedRegex(@"^\w[\w.-]{0,127}\z", RegexOptions.ECMAScript)]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"^(?:\[[0-9a-fA-F:]+\]|[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?)(?::[0-9]{1,5})?\z")]
    private static partial Regex RegistryPattern();

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex RepositoryPattern();
}
