namespace ContainerBuildGuard.HostSecurity;

/// <summary>Which checks an audit asks.</summary>
public enum HostProfile
{
    All,
    Developer,
    BuildAgent,
    ContainerHost,
    CisLevel1,
    CisLevel2,
}

public static class HostProfiles
{
    /// <summary>The names in options and policies.</summary>
    public static IReadOnlyList<string> Names { get; } = ["all", "developer", "build-agent", "container-host", "cis-level-1", "cis-level-2"];

    public static bool TryParse(string name, out HostProfile profile)
    {
        var index = Names.ToList().IndexOf(name);
        profile = (HostProfile)Math.Max(index, 0);
        return index >= 0;
    }

    public static string Name(this HostProfile profile) => Names[(int)profile];

    internal static bool Asks(this HostProfile profile, HostCheck check) => profile switch
    {
        HostProfile.Developer => check.Roles.HasFlag(HostRoles.Developer),
        HostProfile.BuildAgent => check.Roles.HasFlag(HostRoles.BuildAgent),
        HostProfile.ContainerHost => check.Roles.HasFlag(HostRoles.ContainerHost),
        HostProfile.CisLevel1 => check.CisLevel == 1,
        HostProfile.CisLevel2 => check.CisLevel is 1 or 2,
        _ => true,
    };
}
