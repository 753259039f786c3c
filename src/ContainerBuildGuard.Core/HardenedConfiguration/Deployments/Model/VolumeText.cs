namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

/// <summary>Reads <c>source:target[:options]</c>, the form that Compose and Podman share.</summary>
internal static class VolumeText
{
    public static Mount Parse(string text, Node at, string folder)
    {
        var parts = text.Split(':');
        if (parts.Length == 1)
        {
            return new Mount(MountKind.Volume, "", text, at);
        }

        var options = parts.Length > 2 ? parts[2].Split(',') : [];
        var source = parts[0];
        var isPath = source.StartsWith('/') || source.StartsWith('.') || source.StartsWith('~') || source.StartsWith('%');
        if (source is "." or ['.', '.', ..] or ['.', '/', ..] && !source.Contains('\0', StringComparison.Ordinal))
        {
            // A path that climbs out of the project may end in a system folder; one inside it stays as written.
            var full = Path.GetFullPath(Path.Combine(folder, source));
            source = full.StartsWith(Path.GetFullPath(folder), StringComparison.Ordinal) ? source : full;
        }

        var propagation = options.FirstOrDefault(o => o is "shared" or "rshared" or "slave" or "rslave" or "private" or "rprivate");
        return new Mount(isPath ? MountKind.HostPath : MountKind.Volume, source, parts[1], at)
        {
            ReadOnly = options.Contains("ro"),
            Propagation = propagation is null ? null : new Setting<string>(propagation, at),
        };
    }
}
