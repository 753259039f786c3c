namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The score of a CVSS v4.0 vector (specification, section 8): its macro vector's, less the distance to the most severe vector in it.</summary>
internal static class Cvss4
{
    private static readonly string[] Required = ["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"];

    /// <summary>The values of each metric, the most severe first.</summary>
    private static readonly Dictionary<string, string> Levels = new()
    {
        ["AV"] = "NALP", ["PR"] = "NLH", ["UI"] = "NPA", ["AC"] = "LH", ["AT"] = "NP", ["VC"] = "HLN", ["VI"] = "HLN", ["VA"] = "HLN",
        ["SC"] = "HLN", ["SI"] = "SHLN", ["SA"] = "SHLN", ["CR"] = "HML", ["IR"] = "HML", ["AR"] = "HML", ["E"] = "APU",
    };

    private static readonly string[][] Highest1 = [["AV:N PR:N UI:N"], ["AV:A PR:N UI:N", "AV:N PR:L UI:N", "AV:N PR:N UI:P"], ["AV:P PR:N UI:N", "AV:A PR:L UI:P"]];
    private static readonly string[][] Highest2 = [["AC:L AT:N"], ["AC:H AT:N", "AC:L AT:P"]];

    private static readonly Dictionary<int, string[]> Highest36 = new()
    {
        [00] = ["VC:H VI:H VA:H CR:H IR:H AR:H"],
        [01] = ["VC:H VI:H VA:L CR:M IR:M AR:H", "VC:H VI:H VA:H CR:M IR:M AR:M"],
        [10] = ["VC:L VI:H VA:H CR:H IR:H AR:H", "VC:H VI:L VA:H CR:H IR:H AR:H"],
        [11] = ["VC:L VI:H VA:L CR:H IR:M AR:H", "VC:L VI:H VA:H CR:H IR:M AR:M", "VC:H VI:L VA:H CR:M IR:H AR:M", "VC:H VI:L VA:L CR:M IR:H AR:H", "VC:L VI:L VA:H CR:H IR:H AR:M"],
        [21] = ["VC:L VI:L VA:L CR:H IR:H AR:H"],
    };

    private static readonly string[][] Highest4 = [["SC:H SI:S SA:S"], ["SC:H SI:H SA:H"], ["SC:L SI:L SA:L"]];
    private static readonly int[] Depth1 = [1, 4, 5], Depth2 = [1, 2], Depth4 = [6, 5, 4];
    private static readonly Dictionary<int, int> Depth36 = new() { [00] = 7, [01] = 6, [10] = 8, [11] = 8, [21] = 10 };

    /// <summary>The score from 0 to 10; null where the vector is not a complete version 4 vector.</summary>
    public static double? Score(string vector)
    {
        if (!vector.StartsWith("CVSS:4.0/", StringComparison.Ordinal) || CvssVector.Parse(vector["CVSS:4.0/".Length..]) is not { } given || Effective(given) is not { } m)
        {
            return null;
        }

        if ("VC VI VA SC SI SA".Split(' ').All(name => m[name] == 'N'))
        {
            return 0;
        }

        var eq1 = m["AV"] == 'N' && m["PR"] == 'N' && m["UI"] == 'N' ? 0 : m["AV"] != 'P' && (m["AV"] == 'N' || m["PR"] == 'N' || m["UI"] == 'N') ? 1 : 2;
        var eq2 = m["AC"] == 'L' && m["AT"] == 'N' ? 0 : 1;
        var eq3 = m["VC"] == 'H' && m["VI"] == 'H' ? 0 : m["VC"] == 'H' || m["VI"] == 'H' || m["VA"] == 'H' ? 1 : 2;
        var eq4 = m["SI"] == 'S' || m["SA"] == 'S' ? 0 : m["SC"] == 'H' || m["SI"] == 'H' || m["SA"] == 'H' ? 1 : 2;
        var eq5 = Levels["E"].IndexOf(m["E"], StringComparison.Ordinal);
        var eq6 = (m["CR"] == 'H' && m["VC"] == 'H') || (m["IR"] == 'H' && m["VI"] == 'H') || (m["AR"] == 'H' && m["VA"] == 'H') ? 0 : 1;
        if (Cvss4Scores.Find(eq1, eq2, eq3, eq4, eq5, eq6) is not { } score)
        {
            return null;
        }

        var both = (eq3 * 10) + eq6;
        var lower36 = (eq3, eq6) switch
        {
            (0, 0) => Max(Cvss4Scores.Find(eq1, eq2, 0, eq4, eq5, 1), Cvss4Scores.Find(eq1, eq2, 1, eq4, eq5, 0)),
            (1, 0) => Cvss4Scores.Find(eq1, eq2, 1, eq4, eq5, 1),
            (_, 1) => Cvss4Scores.Find(eq1, eq2, eq3 + 1, eq4, eq5, 1),
            _ => null,
        };
        (int? Lower, int Distance, int Depth)[] steps =
        [
            (Cvss4Scores.Find(eq1 + 1, eq2, eq3, eq4, eq5, eq6), Distance(m, Highest1[eq1]), Depth1[eq1]),
            (Cvss4Scores.Find(eq1, eq2 + 1, eq3, eq4, eq5, eq6), Distance(m, Highest2[eq2]), Depth2[eq2]),
            (lower36, Distance(m, Highest36[both]), Depth36[both]),
            (Cvss4Scores.Find(eq1, eq2, eq3, eq4 + 1, eq5, eq6), Distance(m, Highest4[eq4]), Depth4[eq4]),
            (Cvss4Scores.Find(eq1, eq2, eq3, eq4, eq5 + 1, eq6), 0, 1),
        ];
        var existing = steps.Where(s => s.Lower is not null).ToList();
        var less = existing.Count == 0 ? 0 : existing.Average(s => (score - s.Lower!.Value) * (double)s.Distance / s.Depth);
        return Math.Round(Math.Clamp(score - less, 0, 100) + 1e-9, MidpointRounding.AwayFromZero) / 10;
    }

    /// <summary>The metrics as they count: modified ones over the base's, the worst where nothing is said.</summary>
    private static Dictionary<string, char>? Effective(Dictionary<string, string> given)
    {
        var metrics = new Dictionary<string, char>();
        foreach (var (name, values) in Levels)
        {
            var value = given.GetValueOrDefault("M" + name, "X") is var modified && modified != "X" ? modified : given.GetValueOrDefault(name, Required.Contains(name) ? "" : "X");
            value = value == "X" && !Required.Contains(name) ? values[..1] : value;
            if (value.Length != 1 || !values.Contains(value[0], StringComparison.Ordinal))
            {
                return null;
            }

            metrics[name] = value[0];
        }

        return metrics;
    }

    /// <summary>Steps down from the first of the most severe vectors that is nowhere below this one.</summary>
    private static int Distance(Dictionary<string, char> metrics, string[] highest)
    {
        foreach (var vector in highest)
        {
            var steps = vector.Split(' ').Select(p => p.Split(':')).Select(p => Levels[p[0]].IndexOf(metrics[p[0]], StringComparison.Ordinal) - Levels[p[0]].IndexOf(p[1][0], StringComparison.Ordinal)).ToList();
            if (steps.TrueForAll(s => s >= 0))
            {
                return steps.Sum();
            }
        }

        return 0;
    }

    private static int? Max(int? a, int? b) => a is null ? b : b is null ? a : Math.Max(a.Value, b.Value);
}
