using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Policies;

/// <summary>Holds an image's base against the policy's list.</summary>
public static class BaseImagePolicy
{
    /// <summary>A finding where the list does not allow the base, or the image does not say what its base is; null where it does or there is no list.</summary>
    public static Finding? Check(Policy policy, string? name, string? digest)
    {
        var allowed = policy.BaseImages.Allow;
        if (allowed.IsEmpty)
        {
            return null;
        }

        string[] names = name is null ? [] : [name, FullName(name)];
        var spellings = names.SelectMany(n => digest is null || n.Contains('@', StringComparison.Ordinal) ? [n] : (string[])[n, $"{n}@{digest}"]);
        return spellings.Any(s => allowed.Any(p => Glob.IsMatch(p, s))) ? null : new Finding
        {
            Rule = PolicyRules.BaseImageNotAllowed,
            Severity = PolicyRules.BaseImageNotAllowed.DefaultSeverity,
            Message = name is null ? "The image does not say which base image it was built on, and the policy allows only listed ones." : $"The base image '{name}' is not on the policy's list.",
            Remedy = $"Set <ContainerBaseImage> to one of {string.Join(", ", allowed)}, or add it to base-images in {policy.Path}.",
            Key = name ?? "",
        };
    }

    /// <summary>The name with the registry that it leaves out: <c>alpine:3</c> is <c>docker.io/library/alpine:3</c>.</summary>
    private static string FullName(string name)
    {
        try
        {
            return ImageReference.Parse(name).ToString();
        }
        catch (ImageException)
        {
            return name;
        }
    }
}
