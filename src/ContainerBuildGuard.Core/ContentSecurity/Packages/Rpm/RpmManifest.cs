using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The package lists that Azure Linux's distroless images carry in the place of a database (<c>/var/lib/rpmmanifest</c>).</summary>
internal static class RpmManifest
{
    public const string Full = "var/lib/rpmmanifest/container-manifest-2";
    public const string Names = "var/lib/rpmmanifest/container-manifest-1";

    public static bool Wants(string path) => path is Full or Names;

    /// <summary>Ten columns a line, or <c>name-version-release.arch</c> alone: told apart line by line, so that one bad line costs one package.</summary>
    public static Catalogue Parse(ReadOnlyMemory<byte> bytes)
    {
        var found = new Catalogue();
        var number = 0;
        foreach (var text in Encoding.UTF8.GetString(bytes.Span).EnumerateLines())
        {
            number++;
            var line = text.ToString();
            if (line.Length > 0 && !line.StartsWith("gpg-pubkey", StringComparison.Ordinal))
            {
                if (Parse(line) is { } package)
                {
                    found.Packages.Add(package);
                }
                else
                {
                    found.Problems.Add(string.Create(CultureInfo.InvariantCulture, $"line {number} names no package and version"));
                }
            }
        }

        return found;
    }

    private static SystemPackage? Parse(string line)
    {
        var columns = line.Split('\t');
        if (columns.Length == 10)
        {
            return columns[0].Length > 0 && columns[1].Contains('-', StringComparison.Ordinal) && (columns[5] == "(none)" ? "0" : columns[5]) is var epoch && uint.TryParse(epoch, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? RpmPackage.Of(columns[0], columns[1], number, columns[7], columns[9], null)
                : null;
        }

        return columns.Length == 1 && line.LastIndexOf('.') is > 0 and var dot && line.LastIndexOf('-', dot) is > 0 and var release && line.LastIndexOf('-', release - 1) is > 0 and var version
            ? RpmPackage.Of(line[..version], line[(version + 1)..dot], 0, line[(dot + 1)..], null, null)
            : null;
    }
}
