using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A text that must be equal, or must match a pattern as a whole.</summary>
public sealed class TextMatch
{
    private readonly string? _exact;
    private readonly Regex? _pattern;

    private TextMatch(string? exact, Regex? pattern) => (_exact, _pattern) = (exact, pattern);

    /// <summary>The text itself.</summary>
    public static TextMatch Exactly(string text) => new(text, null);

    /// <summary>A regular expression without look-around and back references, matched in linear time against the whole text.</summary>
    /// <exception cref="ArgumentException">Not such a pattern.</exception>
    public static TextMatch Pattern(string pattern)
    {
        try
        {
            return new TextMatch(null, new Regex($"^(?:{pattern})\\z", RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));
        }
        catch (NotSupportedException e)
        {
            throw new ArgumentException($"'{pattern}' uses look-around, a back reference or an atomic group, which identity patterns cannot.", nameof(pattern), e);
        }
    }

    /// <summary>Whether the text is the one that is meant. An absent one is not.</summary>
    public bool Matches(string? text) => text is not null && (_pattern?.IsMatch(text) ?? string.Equals(_exact, text, StringComparison.Ordinal));

    /// <inheritdoc />
    public override string ToString() => _pattern is null ? $"'{_exact}'" : $"the pattern {_pattern.ToString()[4..^3]}";
}

/// <summary>Who may sign: a subject and an issuer, and what else the certificate must claim.</summary>
public sealed record CertificateIdentity
{
    /// <summary>The subject alternative name.</summary>
    public required TextMatch Subject { get; init; }

    /// <summary>The OpenID Connect issuer. Without it a subject says little: any issuer could have vouched for it.</summary>
    public required TextMatch Issuer { get; init; }

    /// <summary>Further claims.</summary>
    public ImmutableDictionary<FulcioClaim, TextMatch> Claims { get; init; } = ImmutableDictionary<FulcioClaim, TextMatch>.Empty;

    /// <summary>The workflow's name (older GitHub extension); null where any is good.</summary>
    public TextMatch? WorkflowName { get; init; }

    /// <summary>Null where the certificate is this identity's, or what differs.</summary>
    public string? Check(SigningCertificate certificate)
    {
        if (!certificate.Subjects.Any(Subject.Matches))
        {
            return $"it is signed by '{string.Join("', '", certificate.Subjects)}', not by {Subject}";
        }

        if (!Issuer.Matches(certificate.Issuer))
        {
            return $"the signer's issuer is '{certificate.Issuer}', not {Issuer}";
        }

        if (WorkflowName?.Matches(certificate.WorkflowName) == false)
        {
            return $"the signer's workflow is '{certificate.WorkflowName}', not {WorkflowName}";
        }

        foreach (var (claim, match) in Claims.OrderBy(c => c.Key))
        {
            if (!match.Matches(certificate.Claim(claim)))
            {
                return $"the signer's {claim} is '{certificate.Claim(claim)}', not {match}";
            }
        }

        return null;
    }
}
