using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.Policies;

/// <summary>Holds an image's base against the policy's list.</summary>
public static class BaseImagePolicy
{
    /// <summary>A finding where the list does not allow the base, or the image does not say what its base is; null where it does or there is no list.</summary>
    public static Finding? Check(Policy policy, string? name, string? digest)
    {
        if (policy.AllowedBaseImages.IsEmpty)
        {
            return null;
        }

        string[] spellings = name is null ? [] : digest is null || name.Contains('@', StringComparison.Ordinal) ? [name] : [name, $"{name}@{digest}"];
        return policy.AllowedBaseImages.Any(p => spellings.Any(s => Glob.IsMatch(p, s))) ? null : new Finding
        {
            Rule = PolicyRules.BaseImageNotAllowed,
            Severity = PolicyRules.BaseImageNotAllowed.DefaultSeverity,
            Message = name is null ? "The image does not say which base image it was built on, and the policy allows only listed ones." : $"The base image '{name}' is not on the policy's list.",
            Remedy = $"Set <ContainerBaseImage> to one of {string.Join(", ", policy.AllowedBaseImages)}, or add it to base-images in {policy.Path}.",
            Key = name ?? "",
        };
    }
}
