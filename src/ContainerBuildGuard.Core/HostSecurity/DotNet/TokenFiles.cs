using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity.DotNet;

/// <summary>Files in which tools keep tokens in clear; looked at for their telling word, never kept.</summary>
internal static class TokenFiles
{
    private static readonly (string Path, string Tool, string Word)[] Known =
    [
        (".netrc", "netrc", "password"),
        (".npmrc", "npm", "_authToken="),
        (".npmrc", "npm", "_password="),
        (".pypirc", "pip", "password"),
        (".aws/credentials", "AWS", "aws_secret_access_key"),
        (".azure/msal_token_cache.json", "Azure CLI", "RefreshToken"),
        (".config/gcloud/application_default_credentials.json", "gcloud", "refresh_token"),
        (".config/gcloud/application_default_credentials.json", "gcloud", "private_key"),
        (".kube/config", "kubectl", "client-key-data"),
        (".kube/config", "kubectl", "token:"),
        (".config/gh/hosts.yml", "GitHub CLI", "oauth_token"),
        (".git-credentials", "git", "://"),
        (".config/git/credentials", "git", "://"),
        (".config/NuGet/NuGet.Config", "NuGet", "ClearTextPassword"),
        (".terraform.d/credentials.tfrc.json", "Terraform", "token"),
    ];

    public static IEnumerable<TokenFile> Find(HostReader host, List<string> problems) =>
        Known.Where(k => host.Exists($"{host.Home}/{k.Path}") && host.Text($"{host.Home}/{k.Path}", problems).Contains(k.Word, StringComparison.Ordinal))
            .Select(k => new TokenFile($"{host.Home}/{k.Path}", k.Tool)).DistinctBy(t => t.Path);
}

/// <summary>The sections of git's configuration that decide about credentials and trust.</summary>
internal static class GitSettings
{
    public static IEnumerable<Setting> Read(HostReader host, List<string> problems)
    {
        foreach (var file in (string[])["/etc/gitconfig", $"{host.Home}/.config/git/config", $"{host.Home}/.gitconfig"])
        {
            var section = "";
            foreach (var (_, line) in HostReader.Lines(host.Text(file, problems)))
            {
                if (line.StartsWith('['))
                {
                    section = line.Trim('[', ']').Split(' ')[0].ToLowerInvariant();
                }
                else if (section is "credential" or "http" or "safe" or "core" && line.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
                {
                    var name = line[..at].Trim().ToLowerInvariant();
                    if (name is "helper" or "sslverify" or "directory" or "fsmonitor" or "hookspath")
                    {
                        yield return new Setting(file, $"{section}.{name}", line[(at + 1)..].Trim().Trim('"'));
                    }
                }
            }
        }
    }
}
