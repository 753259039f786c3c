using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>What can be wrong with an image's Docker Content Trust.</summary>
public static class DctRules
{
    public static Rule NoTrustData { get; } = Of("CBG3030", "Docker Content Trust knows nothing of the repository");

    public static Rule TagNotSigned { get; } = Of("CBG3031", "Docker Content Trust does not sign the tag");

    public static Rule OtherDigest { get; } = Of("CBG3032", "Docker Content Trust signs the tag for another digest");

    public static Rule Expired { get; } = Of("CBG3033", "Docker Content Trust data has expired");

    public static Rule Refused { get; } = Of("CBG3034", "Docker Content Trust data does not verify");

    public static Rule Unavailable { get; } = Of("CBG3035", "Docker Content Trust data could not be looked up");

    public static ImmutableArray<Rule> All { get; } = [NoTrustData, TagNotSigned, OtherDigest, Expired, Refused, Unavailable];

    private static Rule Of(string code, string title) => new(code, title, Severity.Critical, Control.ContentTrust) { References = ["NIST SP 800-190 4.1.5", "CIS Docker 4.5"] };
}
