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

    public static Rule EndOfLifeSoon { get; } = new("CBG1011", "Release nears its end of support", Severity.Low, Control.ContentSecurity) { References = ["NIST SP 800-190 4.1.1"] };

    public static Rule UnknownContents { get; } = new("CBG1012", "Packages of a program cannot be told", Severity.Medium, Control.ContentSecurity) { References = ["NIST SP 800-190 4.1.1"] };

    public static Rule StaleDatabase { get; } = new("CBG1020", "Advisory index is old", Severity.Low, Control.ContentSecurity);

    public static Rule NotCovered { get; } = new("CBG1021", "Advisory index knows nothing of the image's packages", Severity.Medium, Control.ContentSecurity);

    public static Rule NotCompared { get; } = new("CBG1022", "Packages were not compared with advisories", Severity.Medium, Control.ContentSecurity);

    public static Rule StaleSupportDates { get; } = new("CBG1023", "End-of-life table is old", Severity.Low, Control.ContentSecurity) { References = ["NIST SP 800-190 4.1.1"] };

    public static Rule UntrustedVex { get; } = new("CBG1024", "Attached VEX document does not count", Severity.Info, Control.ContentSecurity);

    public static ImmutableArray<Rule> All { get; } = [Critical, High, Medium, Low, Unrated, EndOfLife, EndOfLifeSoon, UnknownContents, StaleDatabase, NotCovered, NotCompared, StaleSupportDates, UntrustedVex];

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
