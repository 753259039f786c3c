using System.Globalization;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Package URLs (purl specification).</summary>
internal static class PackageUrl
{
    public static string Of(string type, string? ns, string name, string version, params (string Key, string Value)[] qualifiers)
    {
        var prefix = ns is null ? "" : string.Concat(ns.Split('/').Select(s => $"{Escape(s)}/"));
        var text = $"pkg:{type}/{prefix}{Escape(name)}@{Escape(version)}";
        var set = new List<string>();
        foreach (var (key, value) in qualifiers)
        {
            if (value.Length > 0)
            {
                set.Add($"{key}={Escape(value)}");
            }
        }

        set.Sort(StringComparer.Ordinal);
        return set.Count == 0 ? text : $"{text}?{string.Join('&', set)}";
    }

    /// <summary>The parts of a package URL; null where it is none. The name keeps its namespace, as its ecosystem writes it.</summary>
    public static PackageUrlParts? Parse(string purl)
    {
        if (!purl.StartsWith("pkg:", StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var rest = purl[4..].TrimStart('/').Split('#')[0];
        var question = rest.IndexOf('?', StringComparison.Ordinal);
        var qualifiers = question < 0 ? [] : rest[(question + 1)..].Split('&').Select(q => q.Split('=', 2)).Where(q => q.Length == 2).DistinctBy(q => q[0]).ToDictionary(q => q[0].ToLowerInvariant(), q => Uri.UnescapeDataString(q[1]));
        rest = question < 0 ? rest : rest[..question];
        var at = rest.LastIndexOf('@');
        var version = at > rest.LastIndexOf('/') ? Uri.UnescapeDataString(rest[(at + 1)..]) : "";
        var path = (version.Length > 0 || at > rest.LastIndexOf('/') ? rest[..at] : rest).Trim('/').Split('/');
        return path.Length < 2 ? null
            : new PackageUrlParts(path[0].ToLowerInvariant(), string.Join('/', path[1..^1].Select(Uri.UnescapeDataString)), Uri.UnescapeDataString(path[^1]), version, qualifiers);
    }

    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%3A", ":", false, CultureInfo.InvariantCulture);
}

/// <summary>A package URL taken apart.</summary>
internal sealed record PackageUrlParts(string Type, string Namespace, string Name, string Version, Dictionary<string, string> Qualifiers);
