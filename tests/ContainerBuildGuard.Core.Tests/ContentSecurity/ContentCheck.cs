using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Runs the control over an image and a folder of advisories.</summary>
internal static class ContentCheck
{
    /// <summary>The day of every check, so that ages do not depend on when the tests run.</summary>
    public static DateTimeOffset Today { get; } = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    public static async Task<ControlResult> RunAsync(ImageBuilder image, string? advisories, ContentSecurityOptions options, CancellationToken cancellationToken, DateTimeOffset? today = null)
    {
        using var index = advisories is null ? null : AdvisoryLoader.Open(advisories, cancellationToken);
        var control = new ContentSecurityControl(index, options, new FixedTime(today ?? Today));
        var inspection = await ImageInspector.InspectAsync(image.Build(), [.. control.CreateObservers()], InspectionLimits.Default, cancellationToken);
        var result = await control.JudgeAsync(inspection, cancellationToken);
        return result with { Gaps = [.. inspection.Gaps, .. result.Gaps] };
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
