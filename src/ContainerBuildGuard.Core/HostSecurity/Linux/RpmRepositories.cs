namespace ContainerBuildGuard.HostSecurity.Linux;

/// <summary>The repositories that dnf is set up with.</summary>
internal static class RpmRepositories
{
    /// <summary>The names of those that are switched on, as every one is that does not say otherwise.</summary>
    public static IReadOnlySet<string> Enabled(HostReader host, ICollection<string> problems)
    {
        var enabled = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in host.Expand("/etc/yum.repos.d/*.repo", problems))
        {
            var current = "";
            foreach (var (_, line) in HostReader.Lines(host.Text(file, problems)))
            {
                if (line is ['[', .. var name, ']'])
                {
                    current = name;
                    enabled.Add(name);
                }
                else if (line.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant() is "enabled=0" or "enabled=false" or "enabled=no" or "enabled=off")
                {
                    enabled.Remove(current);
                }
            }
        }

        return enabled;
    }
}
