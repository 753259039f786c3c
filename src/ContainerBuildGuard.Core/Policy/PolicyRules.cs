using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Policies;

/// <summary>What the policy itself can find.</summary>
public static class PolicyRules
{
    public static Rule BaseImageNotAllowed { get; } = new("CBG3010", "Base image is not on the policy's list", Severity.High, Control.ContentTrust) { References = ["NIST SP 800-190 4.1.5"] };

    public static Rule NotChecked { get; } = new("CBG9008", "Something could not be checked", Severity.High, Control.Guard);

    public static Rule ExpiredWaiver { get; } = new("CBG9020", "Waiver has expired", Severity.Low, Control.Guard);

    public static Rule UnusedWaiver { get; } = new("CBG9021", "Waiver matches nothing", Severity.Info, Control.Guard);

    public static ImmutableArray<Rule> All { get; } = [BaseImageNotAllowed, NotChecked, ExpiredWaiver, UnusedWaiver];
}
