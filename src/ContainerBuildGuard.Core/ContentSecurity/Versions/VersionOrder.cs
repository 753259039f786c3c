using ContainerBuildGuard.SystemPackages;
using NuGet.Versioning;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Orders two versions: negative, zero or positive; null where one of them is no version of the ecosystem, so that no order can be told.</summary>
internal delegate int? VersionComparison(string a, string b);

/// <summary>The version order of each ecosystem, by OSV's name for it.</summary>
internal static class VersionOrder
{
    /// <summary>Null: the order cannot be decided. Never to be read as "not affected".</summary>
    public static int? Compare(string ecosystem, string a, string b) => For(ecosystem)(a, b);

    public static VersionComparison For(string ecosystem) => ecosystem switch
    {
        "Debian" or "Ubuntu" or "Echo" => DebianVersion.Compare,
        "Alpine" or "Wolfi" or "Chainguard" or "MinimOS" or "Alpaquita" or "BellSoft Hardened Containers" or "Docker Hardened Images" => ApkVersion.Compare,
        "AlmaLinux" or "Rocky Linux" or "Red Hat" or "Azure Linux" or "Amazon Linux" or "Oracle Linux" or "Fedora" or "SUSE" or "openSUSE" or "Mageia" or "openEuler" => RpmVersion.Compare,
        "NuGet" or DotNet => CompareNuGet,
        "npm" or "Go" or "crates.io" or "Hex" or "Pub" => SemanticVersion.Compare,
        "PyPI" => PythonVersion.Compare,
        "Maven" => MavenVersion.Compare,
        _ => static (_, _) => null,
    };

    /// <summary>The ecosystem of the .NET team's own CVE files, which speak of products instead of packages.</summary>
    public const string DotNet = ".NET";

    private static int? CompareNuGet(string a, string b) =>
        NuGetVersion.TryParse(a, out var x) && NuGetVersion.TryParse(b, out var y) ? VersionComparer.VersionRelease.Compare(x, y) : null;
}
