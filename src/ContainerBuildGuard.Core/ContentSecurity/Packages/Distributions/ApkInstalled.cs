using System.Globalization;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Alpine's package database.</summary>
internal static class ApkInstalled
{
    public static bool Wants(string path) => ApkDatabase.Places.Contains(path);

    public static Catalogue Parse(ReadOnlyMemory<byte> bytes)
    {
        var found = new Catalogue();
        foreach (var package in ApkPackage.Read(bytes))
        {
            if (package is { Name.Length: > 0, Version.Length: > 0 })
            {
                found.Packages.Add(new SystemPackage(package.Name, package.Version)
                {
                    Architecture = package.Architecture,
                    SourceName = package.Origin.Length > 0 ? package.Origin : package.Name,
                    SourceVersion = package.Version,
                    License = package.License.Length > 0 ? package.License : null,
                });
            }
            else
            {
                found.Problems.Add(string.Create(CultureInfo.InvariantCulture, $"the paragraph from line {package.Line} on names no package or no version"));
            }
        }

        return found;
    }
}
