using System.Collections.Immutable;
using ContainerBuildGuard.ContentTrust.BaseImages;
using ContainerBuildGuard.ContentTrust.DockerContentTrust;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>The catalogue of the control.</summary>
public static class ContentTrustRules
{
    public static Rule NotSigned { get; } = Of("CBG3001", "Image is not signed");

    public static Rule NoValidSignature { get; } = Of("CBG3002", "No signature of the image verifies");

    public static Rule OtherFormat { get; } = Of("CBG3003", "Image is signed in a format that was not asked for");

    public static Rule AttestationMissing { get; } = Of("CBG3004", "A required attestation is missing or says something else");

    public static Rule KeyRequired { get; } = Of("CBG3005", "Signing is required and there is no usable key or identity");

    public static Rule SigningFailed { get; } = Of("CBG3006", "The image could not be signed");

    public static Rule TrustUnavailable { get; } = Of("CBG3007", "It could not be established whom to trust");

    public static Rule NoTrustRule { get; } = Of("CBG3008", "No trust rule of the policy covers the image");

    public static Rule RevocationUnknown { get; } = Of("CBG3020", "It could not be checked whether a signing certificate is revoked");

    public static ImmutableArray<Rule> All { get; } =
        [NotSigned, NoValidSignature, OtherFormat, AttestationMissing, KeyRequired, SigningFailed, TrustUnavailable, NoTrustRule, RevocationUnknown, .. DctRules.All, .. BaseImageRules.All];

    private static Rule Of(string code, string title) => new(code, title, Severity.Critical, Control.ContentTrust) { References = ["NIST SP 800-190 4.1.5", "CIS Docker 4.5"] };
}
