using System.Collections.Immutable;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>
/// One form of secret. A text is looked at only where one of <see cref="Keywords"/> (lower case) occurs. The group <c>s</c> of the pattern is the
/// secret; all patterns run without backtracking, so their time grows with the text alone.
/// </summary>
internal sealed record SecretDetector(string Id, Rule Rule, string Description, ImmutableArray<string> Keywords, string Expression)
{
    /// <summary>Only in text files: too loose for the strings of a binary.</summary>
    public bool TextOnly { get; init; }

    /// <summary>Only in the app's layers and the user's folders: in a distribution's own files it would mostly be an example.</summary>
    public bool AppOnly { get; init; }

    /// <summary>Not in the binaries of base layers: cryptographic libraries carry the keys of their self-tests.</summary>
    public bool NotInBaseBinaries { get; init; }

    /// <summary>Least Shannon entropy of the secret in bits a character; 0 asks nothing.</summary>
    public double Entropy { get; init; }

    public bool Applies(bool binary, bool app) => !(TextOnly && binary) && !(AppOnly && !app) && !(NotInBaseBinaries && binary && !app);

    public Regex Pattern { get; } = new(Expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
