using System.Collections.Immutable;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard;

/// <summary>What can keep the guard from doing its work (CBG9xxx). These are errors of a run, not findings in an image.</summary>
public static class GuardRules
{
    public static Rule UnreadableImage { get; } = Of("CBG9001", "The image cannot be read");
    public static Rule DigestMismatch { get; } = Of("CBG9002", "Content does not match its digest");
    public static Rule UnsupportedFormat { get; } = Of("CBG9003", "The format is not supported");
    public static Rule NotFound { get; } = Of("CBG9004", "The image does not exist");
    public static Rule Unreachable { get; } = Of("CBG9005", "The registry or engine cannot be reached");
    public static Rule Denied { get; } = Of("CBG9006", "The registry or engine refuses access");
    public static Rule InvalidOption { get; } = Of("CBG9009", "An option or property is not valid");
    public static Rule NoAdvisories { get; } = Of("CBG9010", "There is no advisory database");
    public static Rule OldMSBuild { get; } = Of("CBG9011", "MSBuild is too old for the guard");
    public static Rule FileSystem { get; } = Of("CBG9012", "The local file system refused");
    public static Rule LimitExceeded { get; } = Of("CBG9013", "The image is over a limit");
    public static Rule InternalTarget { get; } = Of("CBG9014", "An internal container target was called by name");

    public static ImmutableArray<Rule> All { get; } =
    [
        UnreadableImage, DigestMismatch, UnsupportedFormat, NotFound, Unreachable, Denied,
        InvalidOption, NoAdvisories, OldMSBuild, FileSystem, LimitExceeded, InternalTarget,
    ];

    private static Rule Of(string code, string title) => new(code, title, Severity.Critical, Control.Guard);
}
