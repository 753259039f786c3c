using System.Globalization;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Turns matches into findings. The value stays out of everything.</summary>
internal static class SecretFindings
{
    private const string Remedy = "Take it out of the image and replace it (it has been exposed); give it at run time: a Kubernetes or Docker secret, a mounted file, Azure Key Vault or a managed identity.";

    public static Finding OfMatch(SecretMatch match, string where, Location location) => new()
    {
        Rule = match.Detector.Rule,
        Severity = match.Detector.Rule.DefaultSeverity,
        Message = $"{char.ToUpperInvariant(match.Detector.Description[0])}{match.Detector.Description[1..]} in {where} (begins with {match.Preview}).",
        Remedy = Remedy,
        Location = location with { Line = location.Path is null ? null : match.Line },
        Key = $"{match.Detector.Id} {match.Line.ToString(CultureInfo.InvariantCulture)}",
    };

    public static Finding OfFile(string kind, string where, Location location) => new()
    {
        Rule = SecretsRules.CredentialFile,
        Severity = SecretsRules.CredentialFile.DefaultSeverity,
        Message = $"{where} is {kind}.",
        Remedy = Remedy,
        Location = location,
        Key = kind,
    };

    /// <summary>One secret, one finding: where several detectors see the same place, the most severe, then the first of the table counts.</summary>
    public static IEnumerable<SecretMatch> Strongest(IEnumerable<SecretMatch> matches) =>
        matches.GroupBy(m => m.Line).SelectMany(line =>
        {
            var best = line.MaxBy(m => m.Detector.Rule.DefaultSeverity);
            return line.Where(m => m.Detector.Rule == best.Detector.Rule).DistinctBy(m => (m.Detector.Rule, m.Preview));
        });
}
