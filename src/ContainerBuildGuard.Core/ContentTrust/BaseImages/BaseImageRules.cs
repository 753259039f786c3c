using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.BaseImages;

/// <summary>What can be wrong with a base, beside that the policy does not list it (CBG3010).</summary>
public static class BaseImageRules
{
    public static Rule NotVerified { get; } = Of("CBG3101", "Base image is not verified", Severity.Critical);

    public static Rule TooOld { get; } = Of("CBG3102", "Base image is older than the policy allows", Severity.High);

    public static Rule NamedByTag { get; } = Of("CBG3103", "Base image is not named by its digest", Severity.High);

    public static Rule Changed { get; } = Of("CBG3104", "Base image is not the one of the last accepted build", Severity.Medium);

    public static Rule Another { get; } = Of("CBG3105", "Image was not built on the base that was verified", Severity.Critical);

    public static ImmutableArray<Rule> All { get; } = [NotVerified, TooOld, NamedByTag, Changed, Another];

    private static Rule Of(string code, string title, Severity severity) => new(code, title, severity, Control.ContentTrust) { References = ["NIST SP 800-190 4.1.5", "CIS Docker 4.2"] };
}
