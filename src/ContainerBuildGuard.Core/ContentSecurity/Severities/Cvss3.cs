namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The base score of a CVSS 3.0 or 3.1 vector (CVSS v3.1 specification, section 7).</summary>
internal static class Cvss3
{
    /// <summary>The score from 0 to 10; null where the vector is not a complete version 3 vector.</summary>
    public static double? BaseScore(string vector)
    {
        if (vector is not ['C', 'V', 'S', 'S', ':', '3', '.', '0' or '1', '/', ..] || CvssVector.Parse(vector[9..]) is not { } m || m.GetValueOrDefault("S") is not ("U" or "C"))
        {
            return null;
        }

        var changed = m.GetValueOrDefault("S") == "C";
        double? av = m.GetValueOrDefault("AV") switch { "N" => 0.85, "A" => 0.62, "L" => 0.55, "P" => 0.2, _ => null };
        double? ac = m.GetValueOrDefault("AC") switch { "L" => 0.77, "H" => 0.44, _ => null };
        double? pr = m.GetValueOrDefault("PR") switch { "N" => 0.85, "L" => changed ? 0.68 : 0.62, "H" => changed ? 0.5 : 0.27, _ => null };
        double? ui = m.GetValueOrDefault("UI") switch { "N" => 0.85, "R" => 0.62, _ => null };
        if (av is null || ac is null || pr is null || ui is null || Impact(m, "C") is not { } c || Impact(m, "I") is not { } i || Impact(m, "A") is not { } a)
        {
            return null;
        }

        var iss = 1 - ((1 - c) * (1 - i) * (1 - a));
        var impact = changed ? (7.52 * (iss - 0.029)) - (3.25 * Math.Pow(iss - 0.02, 15)) : 6.42 * iss;
        if (impact <= 0)
        {
            return 0;
        }

        var exploitability = 8.22 * av.Value * ac.Value * pr.Value * ui.Value;
        return RoundUp(Math.Min((changed ? 1.08 : 1) * (impact + exploitability), 10));
    }

    private static double? Impact(Dictionary<string, string> metrics, string name) =>
        metrics.GetValueOrDefault(name) switch { "H" => 0.56, "L" => 0.22, "N" => 0, _ => null };

    private static double RoundUp(double value)
    {
        var scaled = (long)Math.Round(value * 100_000);
        return scaled % 10_000 == 0 ? scaled / 100_000.0 : (Math.Floor(scaled / 10_000.0) + 1) / 10.0;
    }
}
