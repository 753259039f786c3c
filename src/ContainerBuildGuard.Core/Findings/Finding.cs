using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Findings;

/// <summary>Whether something came with the base image or was added on top of it.</summary>
public enum Origin
{
    Base,
    App,
}

/// <summary>Where a finding is. All parts optional: a configuration finding has no path, a host finding no layer.</summary>
public sealed record Location
{
    public string? Layer { get; init; }
    public int? LayerIndex { get; init; }
    public Origin? Origin { get; init; }

    /// <summary>The path inside the image without a leading slash, or a file of the user's.</summary>
    public string? Path { get => field; init => field = Text.Clean(value); }

    /// <summary>One-based line, where the content has lines.</summary>
    public int? Line { get; init; }

    /// <summary>One-based column, where the content has lines.</summary>
    public int? Column { get; init; }

    /// <summary>RFC 9535 path of the node, where the file is a document.</summary>
    public string? JsonPath { get => field; init => field = Text.Clean(value); }
}

/// <summary>Whether a vulnerability can be fixed by a newer version.</summary>
public enum FixState
{
    /// <summary>The sources do not say.</summary>
    Unknown,

    /// <summary>A fixed version exists.</summary>
    Fixed,

    /// <summary>No fixed version exists yet.</summary>
    Unfixed,

    /// <summary>The maintainers have said that they will not fix it.</summary>
    WillNotFix,

    /// <summary>The release is past its support.</summary>
    EndOfLife,
}

/// <summary>How a finding bears on the verdict.</summary>
public enum Effect
{
    /// <summary>It refuses from the policy's threshold on.</summary>
    ByThreshold,

    /// <summary>It never refuses: there is nothing yet that a user could do.</summary>
    Warns,

    /// <summary>It refuses whatever the threshold, unless a waiver accepts it.</summary>
    Refuses,
}

/// <summary>What the service that issued a credential says of it.</summary>
public enum Liveness
{
    /// <summary>Nobody asked.</summary>
    NotAsked,

    /// <summary>It was asked and did not say, or could not be reached.</summary>
    Unknown,

    /// <summary>The service accepts it.</summary>
    Live,

    /// <summary>The service does not accept it.</summary>
    Dead,
}

/// <summary>The package that a finding is about.</summary>
public sealed record PackageReference
{
    public required string Purl { get => field; init => field = Text.Clean(value)!; }
    public required string Name { get => field; init => field = Text.Clean(value)!; }
    public required string Version { get => field; init => field = Text.Clean(value)!; }
    public string? FixedVersion { get => field; init => field = Text.Clean(value); }
    public FixState FixState { get; init; }
    public ImmutableArray<string> DependencyPath { get; init; } = [];
}

/// <summary>The advisory that a finding rests on.</summary>
public sealed record AdvisoryReference
{
    public required string Id { get => field; init => field = Text.Clean(value)!; }
    public ImmutableArray<string> Aliases { get; init; } = [];
    public double? Cvss { get; init; }
    public double? Epss { get; init; }
    public bool KnownExploited { get; init; }
    public string? Url { get => field; init => field = Text.Clean(value); }
}

/// <summary>What kind of step fixes a finding.</summary>
public enum FixKind
{
    /// <summary>A NuGet package of the project is raised.</summary>
    NuGetPackage,

    /// <summary>The base image is replaced by a newer one.</summary>
    BaseImage,

    /// <summary>The .NET that the app brings along is raised with the SDK.</summary>
    Sdk,

    /// <summary>A package that the image's own build installs is raised.</summary>
    SystemPackage,

    /// <summary>A package of another ecosystem is raised.</summary>
    OtherPackage,
}

/// <summary>The step that fixes a finding, for programs; <see cref="Finding.Remedy"/> says it to people.</summary>
/// <remarks><c>Subject</c>: the package or image that changes. <c>Version</c>: the version or tag to take; null where it is not known. <c>Command</c>: the command that does it; null where there is none.</remarks>
public sealed record Fix(FixKind Kind, string Subject, string? Version, string? Command);

/// <summary>One thing that is wrong, with its place and its remedy. Untrusted text is stripped of control characters on the way in.</summary>
public sealed record Finding
{
    public required Rule Rule { get; init; }

    /// <summary>The severity: the rule's default, the advisory's, or what the policy says instead.</summary>
    public required Severity Severity { get; init; }

    /// <summary>One sentence: what is wrong and where.</summary>
    public required string Message { get => field; init => field = Text.Clean(value)!; }

    /// <summary>What to do: the property to set, the command to run, the version to take.</summary>
    public required string Remedy { get => field; init => field = Text.Clean(value)!; }

    /// <summary>The step that fixes it, where there is one that a program can name.</summary>
    public Fix? Fix { get; init; }

    /// <summary>How it bears on the verdict.</summary>
    public Effect Effect { get; init; }

    /// <summary>The remedy as shell commands with untrusted words quoted; null where a person has to decide.</summary>
    public string? ShellFix { get; init; }

    public Location Location { get; init; } = new();
    public PackageReference? Package { get; init; }
    public AdvisoryReference? Advisory { get; init; }

    /// <summary>What tells this finding from others of the same rule at the same place and does not change between builds (never a secret's value). Part of the fingerprint.</summary>
    public string Key { get; init; } = "";

    /// <summary>The change that puts it right, as a unified diff, where there is one.</summary>
    public string? Patch { get; init; }

    /// <summary>Whether a credential is live, where its service was asked.</summary>
    public Liveness Liveness { get; init; }

    /// <summary>The platform, where an index holds several.</summary>
    public string? Platform { get; init; }

    /// <summary>The waiver that lets it through, where the policy has one.</summary>
    public AppliedWaiver? Waiver { get; init; }

    public string Code => Rule.Code;

    /// <summary>Stable across runs and layer digests: code, path, package and key.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{Code}\n{Location.Path}\n{Package?.Name}\n{Advisory?.Id}\n{Key}")))[..32];
}

/// <summary>A waiver as it was applied to a finding.</summary>
public sealed record AppliedWaiver(string Reason, DateOnly? Expires);

internal static class Text
{
    /// <summary>Replaces control, format (bidirectional) and line-separating characters, so that an image cannot forge a diagnostic or colour a terminal.</summary>
    public static string? Clean(string? text)
    {
        if (text is null || !text.Any(IsUnsafe))
        {
            return text;
        }

        return string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = IsUnsafe(source[i]) ? '\uFFFD' : source[i];
            }
        });
    }

    private static bool IsUnsafe(char c) => char.GetUnicodeCategory(c) is
        System.Globalization.UnicodeCategory.Control or
        System.Globalization.UnicodeCategory.Format or
        System.Globalization.UnicodeCategory.LineSeparator or
        System.Globalization.UnicodeCategory.ParagraphSeparator;
}
