using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>The catalogue of the control.</summary>
public static class ContentTrustRules
{
    public static Rule NotSigned { get; } = Of("CBG3001", "Image is not signed");

    public static Rule NoValidSignature { get; } = Of("CBG3002", "No signature of the image verifies");

    public static Rule KeyRequired { get; } = Of("CBG3005", "Signing is required and there is no usable key");

    public static ImmutableArray<Rule> All { get; } = [NotSigned, NoValidSignature, KeyRequired];

    private static Rule Of(string code, string title) => new(code, title, Severity.Critical, Control.ContentTrust) { References = ["NIST SP 800-190 4.1.5", "CIS Docker 4.5"] };
}
