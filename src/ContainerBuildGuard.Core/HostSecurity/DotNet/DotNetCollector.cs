using System.Text.Json;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.DotNet;

internal static class DotNetCollector
{
    private static readonly string[] Roots =
        ["/usr/share/dotnet", "/usr/lib/dotnet", "/usr/lib64/dotnet", "/usr/local/share/dotnet", "/usr/local/lib/dotnet", "/opt/dotnet"];

    private static readonly (string Folder, string Kind)[] Parts =
        [("sdk", "SDK"), ("shared/Microsoft.NETCore.App", "runtime"), ("shared/Microsoft.AspNetCore.App", "ASP.NET Core runtime")];

    public static Probed<DotNetFacts> Collect(HostReader host)
    {
        var problems = new List<string>();
        string[] roots =
        [
            .. Roots
                .Append(host.Probe.EnvironmentVariable("DOTNET_ROOT") ?? "")
                .Append(host.Text("/etc/dotnet/install_location", problems).Trim())
                .Append($"{host.Home}/.dotnet")
                .Where(root => root.StartsWith('/'))
                .Select(root => root.TrimEnd('/'))
                .Distinct(StringComparer.Ordinal),
        ];

        // Several roots may be links to one another.
        DotNetInstall[] installs =
        [
            .. (from root in roots
                from part in Parts
                from name in host.List($"{root}/{part.Folder}", problems)
                where name is [>= '0' and <= '9', ..]
                select new DotNetInstall(root, part.Kind, name)).DistinctBy(i => (i.Kind, i.Version)),
        ];
        host.Group("dotnet-root", [.. installs.Select(i => i.Root).Distinct().SelectMany(r => (string[])[r, $"{r}/dotnet", $"{r}/sdk", $"{r}/sdk/*", $"{r}/shared", $"{r}/host"])]);
        var packages = host.Probe.EnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set ? set : $"{host.Home}/.nuget/packages";
        host.Group("nuget-cache", packages, $"{host.Home}/.local/share/NuGet/http-cache", $"{host.Home}/.nuget/plugins", "/tmp/NuGetScratch");
        host.Group("dotnet-tools", $"{host.Home}/.dotnet/tools", $"{host.Home}/.dotnet/tools/*");
        host.Group("dev-certificate", $"{host.Home}/.dotnet/corefx/cryptography/x509stores/my/*.pfx", $"{host.Home}/.aspnet/https/*.pfx", $"{host.Home}/.aspnet/https/*.key");
        host.Group("user-secrets", $"{host.Home}/.microsoft/usersecrets/*/secrets.json");
        host.Group("data-protection-key", $"{host.Home}/.aspnet/DataProtection-Keys/*.xml");
        return new DotNetFacts
        {
            Installs = [.. installs],
            GlobalJson = GlobalJsonOf(host),
            NuGet = [.. NuGetCollector.Chain(host, problems)],
            Tools = [.. Tools(host)],
            Problems = [.. problems],
        };
    }

    private static Probed<GlobalJson> GlobalJsonOf(HostReader host)
    {
        foreach (var folder in Upward(host.Probe.WorkingDirectory))
        {
            var path = $"{folder}/global.json";
            var text = host.Text(path);
            if (text is { Found: false, Problem: null })
            {
                continue;
            }

            try
            {
                return text.Select(t =>
                {
                    using var document = JsonDocument.Parse(t, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
                    var sdk = document.RootElement.TryGetProperty("sdk", out var member) ? member : default;
                    string? Of(string name) => sdk.ValueKind == JsonValueKind.Object && sdk.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
                    var prerelease = sdk.ValueKind == JsonValueKind.Object && sdk.TryGetProperty("allowPrerelease", out var allow) && allow.ValueKind == JsonValueKind.True;
                    return new GlobalJson(path, Of("version"), Of("rollForward"), prerelease);
                });
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                return Probed<GlobalJson>.Unreadable($"{path} is not JSON");
            }
        }

        return Probed<GlobalJson>.Absent;
    }

    /// <summary>NuGet notes in every unpacked package where it came from.</summary>
    private static IEnumerable<DotNetTool> Tools(HostReader host)
    {
        foreach (var file in host.Expand($"{host.Home}/.dotnet/tools/.store/*/*/*/*/.nupkg.metadata"))
        {
            var parts = file.Split('/');
            string? source = null;
            try
            {
                using var document = JsonDocument.Parse(host.Text(file, []));
                source = document.RootElement.TryGetProperty("source", out var value) ? value.GetString() : null;
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                // A tool whose note cannot be read has no known source, and that is what the check asks about.
            }

            yield return new DotNetTool(parts[^3], parts[^2], source);
        }
    }

    internal static IEnumerable<string> Upward(string folder)
    {
        for (var at = folder.TrimEnd('/'); at.StartsWith('/'); at = at[..at.LastIndexOf('/')])
        {
            yield return at;
        }

        if (folder.StartsWith('/'))
        {
            yield return "";
        }
    }
}
