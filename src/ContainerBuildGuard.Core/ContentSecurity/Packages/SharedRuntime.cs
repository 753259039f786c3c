using System.Text.RegularExpressions;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The .NET runtimes of an image, by the folder of their dependency file: <c>…/shared/Microsoft.NETCore.App/10.0.1/</c>.</summary>
internal static partial class SharedRuntime
{
    /// <summary>The runtime that a <c>*.deps.json</c> of a shared framework belongs to; null for an app's.</summary>
    public static (string Name, string Version)? Parse(string path) =>
        Pattern().Match(path) is { Success: true } match ? (match.Groups[1].Value, match.Groups[2].Value) : null;

    [GeneratedRegex(@"(?:^|/)shared/(Microsoft\.(?:NETCore|AspNetCore)\.App)/([0-9][^/]*)/[^/]+\.deps\.json$")]
    private static partial Regex Pattern();
}
