namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Package URLs (purl specification).</summary>
internal static class PackageUrl
{
    public static string Of(string type, string? ns, string name, string version, params (string Key, string Value)[] qualifiers)
    {
        var text = $"pkg:{type}/{(ns is null ? "" : $"{Escape(ns)}/")}{Escape(name)}@{Escape(version)}";
        var set = qualifiers.Where(q => q.Value.Length > 0).OrderBy(q => q.Key, StringComparer.Ordinal).Select(q => $"{q.Key}={Escape(q.Value)}").ToList();
        return set.Count == 0 ? text : $"{text}?{string.Join('&', set)}";
    }

    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%3A", ":", StringComparison.Ordinal);
}
