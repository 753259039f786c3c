using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Where a detector looks.</summary>
internal enum SecretScope
{
    Everywhere,

    /// <summary>Not in the binaries of base layers: cryptographic libraries carry the keys of their self-tests.</summary>
    NotInBaseBinaries,

    /// <summary>Only in the app's layers and the user's folders: in a distribution's own files it would mostly be an example.</summary>
    App,

    /// <summary>The same, and only in text: too loose for the strings of a binary.</summary>
    AppText,
}

/// <summary>What a checksum or the structure says of a token.</summary>
internal enum TokenCheckResult
{
    /// <summary>The format has no checksum.</summary>
    Nothing,

    /// <summary>It was issued: nothing else may doubt it.</summary>
    Valid,

    /// <summary>It was hardly ever issued: not reported as this kind.</summary>
    Invalid,
}

internal delegate TokenCheckResult TokenCheck(ReadOnlySpan<byte> token);

/// <summary>What a detector found: the secret's place, and what is special about this one.</summary>
internal readonly record struct Found(int Start, int End, Severity? Severity = null, string? Note = null)
{
    /// <summary>It has the form and fails the checksum: reported as something that only looks like it.</summary>
    public bool Doubtful { get; init; }
}

/// <summary>Looks closer at the place where a keyword begins.</summary>
internal delegate bool SecretMatcher(ReadOnlySpan<byte> bytes, int hit, int keywordLength, FileContext file, out Found found);

/// <summary>One form of secret: looked at only where one of its keywords occurs.</summary>
internal sealed record SecretDetector(string Id, Rule Rule, string Description, ImmutableArray<Keyword> Keywords, SecretMatcher Match)
{
    public SecretScope Scope { get; init; }

    /// <summary>The shape in <see cref="ShapeParser"/>'s notation; null where there is more to it.</summary>
    public string? Notation { get; init; }

    public bool Applies(FileContext file) => Scope switch
    {
        SecretScope.NotInBaseBinaries => file.IsApp || !file.IsBinary,
        SecretScope.App => file.IsApp,
        SecretScope.AppText => file.IsApp && !file.IsBinary,
        _ => true,
    };
}
