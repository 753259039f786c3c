using System.Globalization;

namespace ContainerBuildGuard.Findings;

/// <summary>Times as reports, statements and metadata write them: UTC, to the second (RFC 3339).</summary>
public static class Rfc3339
{
    public static string Format(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
