using System.Globalization;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>The SDKs and runtimes installed on the host: a self-contained image takes its runtime from the SDK that builds it.</summary>
internal sealed class DotNetSupportCheck : IHostCheck
{
    private static readonly string[] Roots =
        ["/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", "/usr/local/share/dotnet", "/usr/local/lib/dotnet", "/opt/dotnet"];

    private static readonly (string Folder, string Kind)[] Parts =
        [("sdk", "SDK"), ("shared/Microsoft.NETCore.App", "runtime"), ("shared/Microsoft.AspNetCore.App", "ASP.NET Core runtime")];

    public Rule Rule => HostSecurityRules.DotNetSupport;

    public HostCheckResult Run(HostContext host)
    {
        var problems = new List<string>();
        var installed = new List<(string Root, string Kind, string Version)>();
        foreach (var root in RootsOf(host.Probe, problems))
        {
            foreach (var (folder, kind) in Parts)
            {
                var names = host.Probe.List($"{root}/{folder}");
                if (names.Problem is not null)
                {
                    problems.Add(names.Problem);
                }

                installed.AddRange((names.Found ? names.Value : []).Where(n => n is [>= '0' and <= '9', ..]).Select(n => (root, kind, n)));
            }
        }

        if (installed.Count == 0 && problems.Count == 0)
        {
            return HostCheckResult.NotApplicable(".NET is not installed in any of its usual folders.");
        }

        // Several roots may be links to one another.
        var versions = installed.DistinctBy(i => (i.Kind, i.Version)).ToArray();
        problems.AddRange(versions.Where(v => DotNetReleases.EndOfSupportOf(v.Version) is null)
            .Select(v => $"the end of support of .NET {v.Kind} {v.Version} is not known to this version of the guard"));
        var findings = versions
            .Where(v => DotNetReleases.EndOfSupportOf(v.Version) < host.Today)
            .Select(v => Found(v.Root, v.Kind, v.Version, DotNetReleases.EndOfSupportOf(v.Version)!.Value));
        return HostCheckResult.Of(findings, problems, $"All in support: {string.Join(", ", versions.Select(v => $"{v.Kind} {v.Version}"))}.");
    }

    private static IEnumerable<string> RootsOf(IHostProbe probe, List<string> problems)
    {
        var location = probe.ReadText("/etc/dotnet/install_location");
        if (location.Problem is not null)
        {
            problems.Add(location.Problem);
        }

        return Roots
            .Append(probe.EnvironmentVariable("DOTNET_ROOT") ?? "")
            .Append(location.Found ? location.Value.Trim() : "")
            .Append($"{probe.HomeDirectory}/.dotnet")
            .Where(root => root.StartsWith('/'))
            .Select(root => root.TrimEnd('/'))
            .Distinct(StringComparer.Ordinal);
    }

    private Finding Found(string root, string kind, string version, DateOnly end) => new()
    {
        Rule = Rule,
        Severity = Rule.DefaultSeverity,
        Message = string.Create(CultureInfo.InvariantCulture, $"The .NET {kind} {version} in {root} is out of support since {end:yyyy-MM-dd} and gets no security fixes."),
        Remedy = "Install a supported .NET, move TargetFramework and global.json to it, and remove this one (with the package manager, or `dotnet-core-uninstall`).",
        Key = $"{kind} {version}",
        Location = new() { Path = root },
    };
}
