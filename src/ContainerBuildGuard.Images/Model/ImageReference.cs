using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace ContainerBuildGuard.Images;

/// <summary>A registry reference by the distribution grammar: <c>[registry/]repository[:tag][@digest]</c>.</summary>
public sealed partial record ImageReference
{
    /// <summary>The registry that a reference without one means.</summary>
    public const string DefaultRegistry = "docker.io";

    private const int MaxLength = 1024;
    private const int MaxRepositoryLength = 255;

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
        if (text.Length > MaxLength)
        {
            throw Invalid($"{text[..40]}…", $"it has {text.Length} characters, {MaxLength} at most are taken");
        }

        var (named, digest) = SplitDigest(text);
        var (path, tag) = SplitTag(named, text);
        var (registry, repository) = SplitRegistry(path);
        CheckRegistry(registry, text);
        CheckRepository(repository, text);
        return new ImageReference(registry, repository, tag ?? (digest is null ? "latest" : null), digest);
    }

    /// <summary>Whether <paramref name="text"/> is a tag.</summary>
    public static bool IsTag(string text) => TagPattern().IsMatch(text);

    /// <inheritdoc />
    public override string ToString() => $"{Registry}/{Repository}" + (Tag is null ? "" : $":{Tag}") + (Digest is null ? "" : $"@{Digest}");

    private static (string Path, Digest? Digest) SplitDigest(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
        {
            return (text, null);
        }

        return Images.Digest.TryParse(text[(at + 1)..], out var digest)
            ? (text[..at], digest)
            : throw Invalid(text, "what follows '@' is not a digest (sha256:<64 lower-case hexadecimal characters>, or sha512)");
    }

    /// <summary>A colon after the last slash begins a tag. A colon of a port or an IPv6 address has a slash after it, for a registry alone is no reference.</summary>
    private static (string Path, string? Tag) SplitTag(string named, string text)
    {
        var colon = named.LastIndexOf(':');
        if (colon <= named.LastIndexOf('/'))
        {
            return (named, null);
        }

        var tag = named[(colon + 1)..];
        return IsTag(tag)
            ? (named[..colon], tag)
            : throw Invalid(text, "the tag is made of letters, digits, '_', '.' and '-', begins with none of the last two, and has 128 characters at most");
    }

    /// <summary>The first part is a registry where it could not be a repository: a dot, a colon, an upper-case letter, or <c>localhost</c>.</summary>
    private static (string Registry, string Repository) SplitRegistry(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : path[..slash];
        var named = first is "localhost" || first.AsSpan().ContainsAny('.', ':', '[') || first.Any(char.IsAsciiLetterUpper);
        var (registry, repository) = named ? (first, path[(slash + 1)..]) : (DefaultRegistry, path);
        registry = registry is "index.docker.io" or "registry-1.docker.io" ? DefaultRegistry : registry;
        return (registry, registry == DefaultRegistry && !repository.Contains('/', StringComparison.Ordinal) ? $"library/{repository}" : repository);
    }

    private static void CheckRegistry(string registry, string text)
    {
        var match = RegistryPattern().Match(registry);
        var address = match.Groups["ipv6"];
        var port = match.Groups["port"];
        if (!match.Success
            || registry.Length > MaxRepositoryLength
            || (address.Success && !(IPAddress.TryParse(address.ValueSpan, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetworkV6))
            || (port.Success && !ushort.TryParse(port.ValueSpan, out _)))
        {
            throw Invalid(text, $"'{registry}' is not a registry's host name, with an optional port");
        }
    }

    private static void CheckRepository(string repository, string text)
    {
        if (repository.Any(char.IsAsciiLetterUpper))
        {
            throw Invalid(text, "repository names are lower case");
        }

        if (!RepositoryPattern().IsMatch(repository))
        {
            throw Invalid(text, "the repository is made of lower-case letters and digits, separated by '/', '.', '_', '__' or '-'");
        }

        if (repository.Length > MaxRepositoryLength)
        {
            throw Invalid(text, $"the repository has {repository.Length} characters, {MaxRepositoryLength} at most are allowed");
        }

        if (repository.StartsWith("library/", StringComparison.Ordinal) && IdentifierPattern().IsMatch(repository))
        {
            throw Invalid(text, "64 hexadecimal characters are an image's id, which only an engine knows (docker-daemon:, podman:)");
        }
    }

    private static ImageException Invalid(string text, string why) =>
        new(ImageError.InvalidReference, $"'{Printable(text)}' is not an image reference: {why}. Expected registry/repository:tag or registry/repository@sha256:….");

    /// <summary>The text for people: without control characters, and without what may be a password before an '@'.</summary>
    private static string Printable(string text)
    {
        var at = text.LastIndexOf('@');
        var mayHoldPassword = at >= 0 && text.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon && colon < at && !text.AsSpan(at + 1).StartsWith("sha", StringComparison.Ordinal);
        return string.Concat((mayHoldPassword ? $"…{text[at..]}" : text).Select(c => char.IsControl(c) ? '\ufffd' : c));
    }

    [GeneratedRegex(@"^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}\z", RegexOptions.NonBacktracking)]
    private static partial Regex TagPattern();

    [GeneratedRegex(@"^(?:\[(?<ipv6>[0-9a-fA-F:.]+)\]|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)(?::(?<port>[0-9]{1,5}))?\z", RegexOptions.NonBacktracking)]
    private static partial Regex RegistryPattern();

    [GeneratedRegex(@"^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex RepositoryPattern();

    [GeneratedRegex(@"^library/[0-9a-f]{64}\z", RegexOptions.NonBacktracking)]
    private static partial Regex IdentifierPattern();
}
