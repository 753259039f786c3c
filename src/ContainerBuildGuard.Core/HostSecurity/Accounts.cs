using System.Globalization;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>Users and groups of the local files; accounts from a directory service are not seen.</summary>
internal static class Accounts
{
    internal sealed record Group(string Name, uint Gid, string[] Members);

    internal sealed record User(string Name, uint Uid, uint Gid);

    /// <summary>/etc/group: name:password:gid:members.</summary>
    public static IEnumerable<Group> ParseGroups(string text) =>
        from fields in Records(text)
        where fields.Length >= 4
        let gid = Id(fields[2])
        where gid is not null
        select new Group(fields[0], gid.Value, fields[3].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>/etc/passwd: name:password:uid:gid:…</summary>
    public static IEnumerable<User> ParseUsers(string text) =>
        from fields in Records(text)
        where fields.Length >= 4
        let uid = Id(fields[2])
        let gid = Id(fields[3])
        where uid is not null && gid is not null
        select new User(fields[0], uid.Value, gid.Value);

    private static IEnumerable<string[]> Records(string text) =>
        text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(line => line.Split(':'));

    private static uint? Id(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;
}
