using System.Text;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Alpine's package database.</summary>
internal static class ApkInstalled
{
    public static bool Wants(string path) => path is "lib/apk/db/installed" or "usr/lib/apk/db/installed";

    public static List<SystemPackage> Parse(ReadOnlyMemory<byte> bytes)
    {
        var packages = new List<SystemPackage>();
        var fields = new Dictionary<char, string>();
        foreach (var line in Encoding.UTF8.GetString(bytes.Span).Split('\n').Append(""))
        {
            if (line.Length == 0)
            {
                if (fields.TryGetValue('P', out var name) && fields.TryGetValue('V', out var version))
                {
                    packages.Add(new SystemPackage(name, version, fields.GetValueOrDefault('A', ""), fields.GetValueOrDefault('o', name), version, fields.GetValueOrDefault('L')));
                }

                fields.Clear();
            }
            else if (line.Length > 2 && line[1] == ':')
            {
                fields[line[0]] = line[2..];
            }
        }

        return packages;
    }
}
