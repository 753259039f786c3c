using System.Globalization;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Turns matches into findings. The value stays out of everything.</summary>
internal static class SecretFindings
{
    public static Finding OfMatch(SecretMatch match, string where, Location location)
    {
        var detector = SecretDetectors.Find(match.DetectorId);
        var rule = match.IsDoubtful ? SecretsRules.NamedSecret : detector.Rule;
        var what = match.IsDoubtful ? $"something with the form of a {detector.Description} that does not pass its check" : detector.Description;
        var note = match.Note is null ? "" : $"; {match.Note}";
        return new Finding
        {
            Rule = rule,
            Severity = match.Severity,
            Message = $"{char.ToUpperInvariant(what[0])}{what[1..]} in {where}{match.Inside} (begins with {match.Preview}{note}; detector {detector.Id}).",
            Remedy = SecretsRules.RemedyOf(rule),
            Location = location with { Line = location.Path is null || match.Inside.Length > 0 ? null : match.Line },
            Key = $"{detector.Id} {match.Inside}{match.Line.ToString(CultureInfo.InvariantCulture)}",
        };
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
}
