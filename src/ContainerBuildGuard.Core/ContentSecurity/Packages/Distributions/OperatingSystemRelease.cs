using System.Text;
using ContainerBuildGuard.Inspection;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>The distribution by <c>os-release</c>.</summary>
internal sealed record OperatingSystemRelease(string Id, string VersionId, string PrettyName)
{
    public static readonly string[] Paths = ["etc/os-release", "usr/lib/os-release"];

    /// <summary>What Trivy calls distributions in its bills, and package URLs name vendors, by their own <c>ID</c>.</summary>
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["redhat"] = "rhel", ["alma"] = "almalinux", ["oracle"] = "ol", ["amazon"] = "amzn", ["cbl-mariner"] = "mariner", ["opensuse.leap"] = "opensuse-leap",
    };

    /// <summary>A distribution as a bill of materials names it.</summary>
    public static OperatingSystemRelease Named(string name, string version) => new(OtherNames.GetValueOrDefault(name, name.ToLowerInvariant()), version, $"{name} {version}".Trim());

    public static OperatingSystemRelease Parse(ReadOnlyMemory<byte> bytes)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in Encoding.UTF8.GetString(bytes.Span).Split('\n'))
        {
            if (line.Split('=', 2) is [var key, var value] && !key.StartsWith('#'))
            {
                values[key.Trim()] = value.Trim().Trim('"', '\'');
            }
        }

        var id = values.GetValueOrDefault("ID", "").ToLowerInvariant();
        var version = values.GetValueOrDefault("VERSION_ID", "");
        return new(id, version, values.TryGetValue("PRETTY_NAME", out var name) && name.Length > 0 ? name : $"{id} {version}".Trim());
    }

    public void Save(FactWriter facts)
    {
        facts.Write(Id);
        facts.Write(VersionId);
        facts.Write(PrettyName);
    }

    public static OperatingSystemRelease Load(FactReader facts) => new(facts.ReadText(), facts.ReadText(), facts.ReadText());

    /// <summary>The release without patch: <c>3.22</c> of Alpine 3.22.1, <c>9</c> of Alma 9.4, <c>12</c> of what some bills call Debian 12.9.</summary>
    public string Line => Id switch
    {
        "alpine" => string.Join('.', VersionId.Split('.').Take(2)),
        "ubuntu" or "fedora" or "amzn" or "opensuse-leap" => VersionId,
        _ => VersionId.Split('.')[0],
    };

    /// <summary>The ecosystem and release in OSV's names; null for a distribution that the guard knows nothing of, or whose release its os-release does not tell.</summary>
    public (string Ecosystem, string Release)? Osv => Id switch
    {
        "wolfi" => ("Wolfi", ""),
        "chainguard" => ("Chainguard", ""),
        _ when VersionId.Length == 0 || (Id == "alpine" && VersionId.Contains('_', StringComparison.Ordinal)) => null,
        "debian" => ("Debian", Line),
        "ubuntu" => ("Ubuntu", Line),
        "alpine" => ("Alpine", "v" + Line),
        "azurelinux" or "mariner" => ("Azure Linux", Line),
        "almalinux" => ("AlmaLinux", Line),
        "rocky" => ("Rocky Linux", Line),
        "rhel" => (RedHatStreams.Ecosystem, Line),
        "ol" => ("Oracle Linux", Line),
        "fedora" => ("Fedora", Line),
        "amzn" => ("Amazon Linux", Line),
        "opensuse-leap" => ("openSUSE", $"Leap {Line}"),
        _ => null,
    };

    /// <summary>The package URL's type for the distribution's packages.</summary>
    public string PackageType => Id is "debian" or "ubuntu" ? "deb" : Id is "alpine" or "wolfi" or "chainguard" ? "apk" : "rpm";
}
