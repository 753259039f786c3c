using System.Globalization;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Turns matches into findings. The value stays out of everything.</summary>
internal sealed class SecretFindings(SecretsOptions options)
{
    public Finding OfMatch(SecretMatch match, string where, Location location, string? key = null)
    {
        var detector = options.Scanner.Find(match.DetectorId);
        var rule = match.IsDoubtful ? SecretsRules.NamedSecret : detector.Rule;
        var what = match.IsDoubtful ? $"something with the form of a {detector.Description} that does not pass its check" : detector.Description;
        var note = match.Note is null ? "" : $"; {match.Note}";
        if (match.Fingerprint is { } fingerprint)
        {
            options.Recording?.Record(fingerprint, detector.Id, where + match.Inside);
        }

        var finding = new Finding
        {
            Rule = rule,
            Severity = match.Severity,
            Message = $"{char.ToUpperInvariant(what[0])}{what[1..]} in {where}{match.Inside} (begins with {match.Preview}{note}; detector {detector.Id}).",
            Remedy = SecretsRules.RemedyOf(rule),
            Location = location with { Line = location.Path is null || match.Inside.Length > 0 ? null : match.Line },
            Key = key ?? $"{detector.Id} {match.Inside}{match.Line.ToString(CultureInfo.InvariantCulture)}",
            Waiver = WaiverOf(match),
        };
        options.Live?.Remember(finding, match.Credential);
        return finding;
    }

    public static Finding OfFile(string kind, string where, Location location) => new()
    {
        Rule = SecretsRules.CredentialFile,
        Severity = SecretsRules.CredentialFile.DefaultSeverity,
        Message = $"{where} is {kind}.",
        Remedy = SecretsRules.RemedyOf(SecretsRules.CredentialFile),
        Location = location,
        Key = kind,
    };

    private AppliedWaiver? WaiverOf(SecretMatch match) =>
        match.Allowed is { } reason ? new AppliedWaiver($"allowed in the file: {reason}", null)
        : match.Fingerprint is { } fingerprint && options.Baseline is { } baseline && baseline.Knows(fingerprint) ? new AppliedWaiver($"known: in the baseline {Path.GetFileName(baseline.Path)}", null)
        : null;
}
