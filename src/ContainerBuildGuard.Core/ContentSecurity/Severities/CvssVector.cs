namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The metrics of a CVSS vector of any version.</summary>
internal static class CvssVector
{
    /// <summary>Metric names and values; null where a part is no <c>NAME:VALUE</c> or one is named twice.</summary>
    public static Dictionary<string, string>? Parse(string metrics)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in metrics.Split('/'))
        {
            if (part.Split(':') is not [{ Length: > 0 } name, { Length: > 0 } value] || !result.TryAdd(name, value))
            {
                return null;
            }
        }

        return result;
    }
}
