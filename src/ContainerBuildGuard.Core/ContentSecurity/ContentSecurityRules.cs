using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The catalogue of the control. One code a severity band, so that a build can treat bands differently.</summary>
public static class ContentSecurityRules
{
    public static Rule Critical { get; } = Vulnerable("CBG1001", "Package has a critical vulnerability", Severity.Critical);

    public static Rule High { get; } = Vulnerable("CBG1002", "Package has a vulnerability of high severity", Severity.High);

    public static Rule Medium { get; } = Vulnerable("CBG1003", "Package has a vulnerability of medium severity", Severity.Medium);

    public static Rule Low { get; } = Vulnerable("CBG1004", "Package has a vulnerability of low severity", Severity.Low);

    public static Rule Unrated { get; } = Vulnerable("CBG1005", "Package has a vulnerability that nobody has rated", Severity.Medium);

    public static Rule EndOfLife { get; } = new("CBG1010", "Release is past its end of support", Severity.High, Control.ContentSecurity) { References = ["NIST SP 800-190 4.1.1"] };

    public static Rule StaleDatabase { get; } = new("CBG1020", "Advisory database is old", Severity.Low, Control.ContentSecurity);

    public static ImmutableArray<Rule> All { get; } = [Critical, High, Medium, Low, Unrated, EndOfLife, StaleDatabase];

    internal static Rule For(Severity? severity) => severity switch
    {
        Severity.Critical => Critical,
        Severity.High => High,
        Severity.Medium => Medium,
        Severity.Low or Severity.Info => Low,
        _ => Unrated,
    };

    private static Rule Vulnerable(string code, string title, Severity severity) =>
        new(code, title, severity, Control.ContentSecurity) { References = ["NIST SP 800-190 4.1.1", "CIS Docker 4.4"] };
}
