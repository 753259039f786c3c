using System.Text.RegularExpressions;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>.NET runtimes, by where they stand and by the names of the packages they are made of.</summary>
internal static partial class SharedRuntime
{
    /// <summary>The shared framework that a file belongs to: <c>…/shared/Microsoft.NETCore.App/10.0.1/…</c>; null for an app's.</summary>
    public static (string Name, string Version)? Parse(string path) =>
        FrameworkPattern().Match(path) is { Success: true } match ? (match.Groups[1].Value, match.Groups[2].Value) : null;

    /// <summary>The host resolver's version: <c>…/host/fxr/10.0.1/libhostfxr.so</c>.</summary>
    public static string? ParseHost(string path) => HostPattern().Match(path) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>An SDK's version: <c>…/sdk/10.0.100/dotnet.dll</c>.</summary>
    public static string? ParseSdk(string path) => SdkPattern().Match(path) is { Success: true } match ? match.Groups[1].Value : null;

    /// <summary>The framework that a runtime package is of: <c>Microsoft.NETCore.App.Runtime.linux-x64</c> is Microsoft.NETCore.App; null for any other package.</summary>
    public static string? FrameworkOf(string package)
    {
        foreach (var framework in (ReadOnlySpan<string>)["Microsoft.NETCore.App", "Microsoft.AspNetCore.App"])
        {
            if (package.Equals(framework, StringComparison.OrdinalIgnoreCase) || package.StartsWith($"{framework}.Runtime.", StringComparison.OrdinalIgnoreCase))
            {
                return framework;
            }
        }

        return null;
    }

    [GeneratedRegex(@"(?:^|/)shared/(Microsoft\.(?:NETCore|AspNetCore)\.App)/([0-9][^/]*)/[^/]+$")]
    private static partial Regex FrameworkPattern();

    [GeneratedRegex(@"(?:^|/)host/fxr/([0-9][^/]*)/libhostfxr\.so$")]
    private static partial Regex HostPattern();

    [GeneratedRegex(@"(?:^|/)sdk/([0-9][^/]*)/dotnet\.dll$")]
    private static partial Regex SdkPattern();
}
