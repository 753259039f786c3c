using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>From scores and words to the guard's severities.</summary>
internal static class Ratings
{
    /// <summary>The version of CVSS (2, 3 or 4) and the score of a vector; null where it is none.</summary>
    public static (int Version, double Score)? Score(string vector) =>
        Cvss4.Score(vector) is { } four ? (4, four)
        : Cvss3.BaseScore(vector) is { } three ? (3, three)
        : Cvss2.BaseScore(vector) is { } two ? (2, two)
        : null;

    /// <summary>FIRST's qualitative scale; 0.0 ("none") is still a weakness that somebody published.</summary>
    public static Severity OfScore(double score) => score switch
    {
        >= 9 => Severity.Critical,
        >= 7 => Severity.High,
        >= 4 => Severity.Medium,
        _ => Severity.Low,
    };

    /// <summary>The words of GitHub, Debian, Ubuntu, Red Hat's family and Microsoft; null for what says nothing ("not yet assigned").</summary>
    public static Severity? OfWord(string? word) => word?.Trim().TrimEnd('*').ToUpperInvariant() switch
    {
        "CRITICAL" => Severity.Critical,
        "HIGH" or "IMPORTANT" => Severity.High,
        "MODERATE" or "MEDIUM" => Severity.Medium,
        "LOW" or "NEGLIGIBLE" or "UNIMPORTANT" or "NONE" => Severity.Low,
        _ => null,
    };
}
