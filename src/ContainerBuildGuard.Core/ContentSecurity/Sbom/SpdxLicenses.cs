using System.Globalization;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Licences as SPDX wants them: expressions of listed identifiers as they are, a distribution's own words as an extracted licence.</summary>
internal sealed class SpdxLicenses
{
    // Those that packages of distributions and of NuGet name; any other is right as an extracted licence too.
    private static readonly HashSet<string> Listed = new(StringComparer.Ordinal)
    {
        "0BSD", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause", "BSL-1.0", "CC0-1.0", "GPL-1.0-or-later", "GPL-2.0-only", "GPL-2.0-or-later",
        "GPL-3.0-only", "GPL-3.0-or-later", "ICU", "ISC", "LGPL-2.0-only", "LGPL-2.0-or-later", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later",
        "MIT", "MPL-2.0", "MS-PL", "OpenSSL", "PostgreSQL", "Python-2.0", "Unicode-3.0", "Unlicense", "Zlib", "bzip2-1.0.6", "curl",
    };

    private readonly Dictionary<string, string> _extracted = new(StringComparer.Ordinal);

    public List<(string Id, string Text)> Extracted { get; } = [];

    /// <summary>Whether it is a listed identifier, or several of them joined.</summary>
    public static bool IsExpression(string license) =>
        license.Split(' ') is var words && words.Length % 2 == 1 && words.Select((word, i) => i % 2 == 0 ? Listed.Contains(word) : word is "AND" or "OR").All(fits => fits);

    public string Declare(string license)
    {
        if (IsExpression(license))
        {
            return license;
        }

        if (!_extracted.TryGetValue(license, out var id))
        {
            id = string.Create(CultureInfo.InvariantCulture, $"LicenseRef-{Extracted.Count + 1}");
            _extracted[license] = id;
            Extracted.Add((id, license));
        }

        return id;
    }
}
