using System.Text;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The distribution by <c>os-release</c>.</summary>
internal sealed record OperatingSystemRelease(string Id, string VersionId, string PrettyName)
{
    public static readonly string[] Paths = ["etc/os-release", "usr/lib/os-release"];

    public static OperatingSystemRelease Parse(ReadOnlyMemory<byte> bytes)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Encoding.UTF8.GetString(bytes.Span).Split('\n'))
        {
            if (line.Split('=', 2) is [var key, var value])
            {
                values[key.Trim()] = value.Trim().Trim('"', '\'');
            }
        }

        return new(values.GetValueOrDefault("ID", ""), values.GetValueOrDefault("VERSION_ID", ""), values.GetValueOrDefault("PRETTY_NAME", ""));
    }

    public void Save(FactWriter facts)
    {
        facts.Write(Id);
        facts.Write(VersionId);
        facts.Write(PrettyName);
    }

    public static OperatingSystemRelease Load(FactReader facts) => new(facts.ReadText(), facts.ReadText(), facts.ReadText());

    /// <summary>The ecosystem and release in OSV's names; null where the guard has no package reader for the distribution.</summary>
    public (string Ecosystem, string Release)? Osv => Id switch
    {
        "debian" => ("Debian", VersionId),
        "ubuntu" => ("Ubuntu", VersionId),
        "alpine" => ("Alpine", "v" + string.Join('.', VersionId.Split('.').Take(2))),
        _ => null,
    };
}
