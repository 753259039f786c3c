using System.Globalization;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>What options and properties say about signing, read.</summary>
public static partial class NotationSigningTexts
{
    /// <summary>A duration in hours and minutes, as the notation program writes it: <c>24h</c>, <c>1h30m</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The option or property that says it.</param>
    /// <exception cref="GuardException">CBG9009: it is none.</exception>
    public static TimeSpan Duration(string text, string name) =>
        DurationForm().Match(text) is { Success: true, Length: > 0 } match
            ? TimeSpan.FromHours(Number(match.Groups["h"])) + TimeSpan.FromMinutes(Number(match.Groups["m"]))
            : throw new GuardException("CBG9009", GuardFailure.Input, $"{name} is '{text}': write hours and minutes, 24h or 1h30m.");

    /// <summary>An address of a service.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The option or property that says it.</param>
    /// <exception cref="GuardException">CBG9009: it is none.</exception>
    public static Uri Address(string text, string name) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : throw new GuardException("CBG9009", GuardFailure.Input, $"{name} is '{text}', which is no address.");

    private static int Number(Group group) => group.Success ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("^(?:(?<h>[0-9]{1,6})h)?(?:(?<m>[0-9]{1,6})m)?$", RegexOptions.CultureInvariant)]
    private static partial Regex DurationForm();
}
