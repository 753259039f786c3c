using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard;

/// <summary>Gives the image library's failures the guard's codes.</summary>
public static class ImageErrors
{
    public static GuardException ToGuardException(this ImageException e)
    {
        var (rule, kind) = e.Error switch
        {
            ImageError.InvalidReference => (GuardRules.InvalidOption, GuardFailure.Input),
            ImageError.NotFound => (GuardRules.NotFound, GuardFailure.Input),
            ImageError.Malformed => (GuardRules.UnreadableImage, GuardFailure.Input),
            ImageError.LimitExceeded => (GuardRules.LimitExceeded, GuardFailure.Input),
            ImageError.DigestMismatch => (GuardRules.DigestMismatch, GuardFailure.Input),
            ImageError.Unsupported => (GuardRules.UnsupportedFormat, GuardFailure.Input),
            ImageError.Unreachable => (GuardRules.Unreachable, GuardFailure.Environment),
            ImageError.Unauthorized or ImageError.Denied => (GuardRules.Denied, GuardFailure.Environment),
            _ => (GuardRules.FileSystem, GuardFailure.Environment),
        };
        return new GuardException(rule.Code, kind, e.Message, e);
    }
}
