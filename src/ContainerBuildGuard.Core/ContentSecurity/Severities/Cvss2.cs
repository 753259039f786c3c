namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The base score of a CVSS v2 vector (CVSS v2 guide, section 3.2.1).</summary>
internal static class Cvss2
{
    /// <summary>The score from 0 to 10; null where the vector is not a complete version 2 vector.</summary>
    public static double? BaseScore(string vector)
    {
        if (CvssVector.Parse(vector.Trim('(', ')')) is not { } m)
        {
            return null;
        }

        double? access = m.GetValueOrDefault("AV") switch { "L" => 0.395, "A" => 0.646, "N" => 1.0, _ => null };
        double? complexity = m.GetValueOrDefault("AC") switch { "H" => 0.35, "M" => 0.61, "L" => 0.71, _ => null };
        double? authentication = m.GetValueOrDefault("Au") switch { "M" => 0.45, "S" => 0.56, "N" => 0.704, _ => null };
        if (access is null || complexity is null || authentication is null || Impact(m, "C") is not { } c || Impact(m, "I") is not { } i || Impact(m, "A") is not { } a)
        {
            return null;
        }

        var impact = 10.41 * (1 - ((1 - c) * (1 - i) * (1 - a)));
        var exploitability = 20 * access.Value * complexity.Value * authentication.Value;
        var score = ((0.6 * impact) + (0.4 * exploitability) - 1.5) * (impact == 0 ? 0 : 1.176);
        return Math.Round(score, 1, MidpointRounding.AwayFromZero);
    }

    private static double? Impact(Dictionary<string, string> metrics, string name) =>
        metrics.GetValueOrDefault(name) switch { "N" => 0, "P" => 0.275, "C" => 0.660, _ => null };
}
