using System.Collections.Immutable;
using System.Text.Json;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>An audit beside an earlier one of the same host: what is new, fixed, worse, and what is only no longer looked at.</summary>
public sealed record HostComparison
{
    private const int MaxBytes = 64 << 20;

    public required int? PreviousScore { get; init; }
    public required ImmutableArray<string> New { get; init; }
    public required ImmutableArray<string> Fixed { get; init; }
    public required ImmutableArray<string> Worse { get; init; }

    /// <summary>Found last time and not checked this time: neither fixed nor still there.</summary>
    public required ImmutableArray<string> Unknown { get; init; }

    /// <exception cref="GuardException">CBG9009: not a report of `cbg audit host --format json`.</exception>
    public static HostComparison With(string path, ImmutableArray<Finding> findings, ImmutableArray<AuditCheck> checks)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
            {
                throw new JsonException($"it has more than {MaxBytes >> 20} MiB");
            }

            using var document = JsonDocument.Parse(File.ReadAllText(path));
            return Compare(document.RootElement, findings, checks);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new GuardException(GuardRules.InvalidOption.Code, GuardFailure.Input, $"'{path}' cannot be compared with ({e.Message.TrimEnd('.')}): give --compare a file that `cbg audit host --format json --output FILE` wrote.", e);
        }
    }

    private static HostComparison Compare(JsonElement report, ImmutableArray<Finding> findings, ImmutableArray<AuditCheck> checks)
    {
        var before = report.GetProperty("findings").EnumerateArray().DistinctBy(f => f.GetProperty("fingerprint").GetString()).ToDictionary(
            f => f.GetProperty("fingerprint").GetString()!,
            f => (Code: f.GetProperty("code").GetString()!, Message: f.GetProperty("message").GetString()!, Severity: Enum.TryParse<Severity>(f.GetProperty("severity").GetString(), ignoreCase: true, out var s) ? s : Severity.Info));
        var now = findings.Select(f => f.Fingerprint).ToHashSet(StringComparer.Ordinal);
        var unread = checks.Where(c => c.Outcome == AuditOutcome.NotChecked).Select(c => c.Rule.Code).ToHashSet(StringComparer.Ordinal);
        var asked = checks.Select(c => c.Rule.Code).ToHashSet(StringComparer.Ordinal);
        var gone = before.Where(b => !now.Contains(b.Key)).Select(b => b.Value).ToArray();
        string Line(string code, string message) => $"{code} {Text.Clean(message)}";
        return new HostComparison
        {
            PreviousScore = report.TryGetProperty("score", out var score) && score.TryGetInt32(out var value) ? value : null,
            New = [.. findings.Where(f => !before.ContainsKey(f.Fingerprint)).Select(f => Line(f.Code, f.Message))],
            Worse = [.. findings.Where(f => before.TryGetValue(f.Fingerprint, out var old) && f.Severity > old.Severity).Select(f => Line(f.Code, f.Message))],
            Fixed = [.. gone.Where(g => asked.Contains(g.Code) && !unread.Contains(g.Code)).Select(g => Line(g.Code, g.Message))],
            Unknown = [.. gone.Where(g => !asked.Contains(g.Code) || unread.Contains(g.Code)).Select(g => Line(g.Code, g.Message))],
        };
    }
}
