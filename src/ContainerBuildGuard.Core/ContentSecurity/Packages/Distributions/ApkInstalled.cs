using System.Globalization;
using System.Text;
using ContainerBuildGuard.SystemPackages;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Alpine's package database: paragraphs of one-letter fields whose case counts (<c>P</c> is the name, <c>p</c> what it provides).</summary>
internal static class ApkInstalled
{
    public static bool Wants(string path) => ApkDatabase.Places.Contains(path);

    public static Catalogue Parse(ReadOnlyMemory<byte> bytes)
    {
        var found = new Catalogue();
        var fields = new Dictionary<char, string>();
        var (line, start) = (0, 1);
        foreach (var text in Encoding.UTF8.GetString(bytes.Span).EnumerateLines())
        {
            line++;
            if (text.IsEmpty)
            {
                Add(found, fields, start);
                start = line + 1;
            }
            else if (text.Length > 2 && text[1] == ':' && text[0] is 'P' or 'V' or 'A' or 'o' or 'L')
            {
                fields[text[0]] = text[2..].ToString();
            }
        }

        Add(found, fields, start);
        return found;
    }

    private static void Add(Catalogue found, Dictionary<char, string> fields, int line)
    {
        if (fields.TryGetValue('P', out var name) && fields.TryGetValue('V', out var version))
        {
            found.Packages.Add(new SystemPackage(name, version)
            {
                Architecture = fields.GetValueOrDefault('A', ""),
                SourceName = fields.GetValueOrDefault('o', name),
                SourceVersion = version,
                License = fields.GetValueOrDefault('L'),
            });
        }
        else if (fields.Count > 0)
        {
            found.Problems.Add(string.Create(CultureInfo.InvariantCulture, $"the paragraph from line {line} on names no package or no version"));
        }

        fields.Clear();
    }
}
