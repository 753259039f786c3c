using System.Collections.Immutable;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HostSecurity.Facts;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>Who has to own a file.</summary>
internal enum FileOwner
{
    Root,

    /// <summary>Any group may have it: the mode decides what the group may do.</summary>
    RootAnyGroup,

    /// <summary>Root or the user that the audit runs as.</summary>
    RootOrUser,
}

/// <summary>The shape that most of the benchmark's file checks share: these paths, this owner, no permission beyond this mode. Permissions are compared bit by bit.</summary>
internal static class FileCheck
{
    public static HostCheck Of(Rule rule, string group, int folderMode, int fileMode, FileOwner owner, string absent, CheckScope scope = CheckScope.Anywhere, int level = 0) =>
        new(rule, scope, facts => Judge(rule, facts, facts.Group(group), folderMode, fileMode, owner, absent)) { CisLevel = level };

    public static HostCheckResult Judge(Rule rule, HostFacts facts, ImmutableArray<string> paths, int folderMode, int fileMode, FileOwner owner, string absent)
    {
        var findings = new List<Finding>();
        var problems = new List<string>();
        var seen = new List<string>();
        foreach (var path in paths)
        {
            var file = facts.Stat(path);
            if (file.Problem is { } problem)
            {
                problems.Add(problem);
            }
            else if (file.Found)
            {
                seen.Add(path);
                findings.AddRange(Judge(rule, facts, path, file.Value, file.Value.IsDirectory ? folderMode : fileMode, owner));
            }
        }

        if (seen.Count == 0)
        {
            problems.AddRange(facts.Incomplete);
        }

        return seen.Count == 0 && problems.Count == 0
            ? HostCheckResult.NotApplicable(absent)
            : HostCheckResult.Of(findings, problems, $"{HostFindings.List(seen, 3)}: owner and mode are right.");
    }

    private static IEnumerable<Finding> Judge(Rule rule, HostFacts facts, string path, HostFile file, int most, FileOwner owner)
    {
        var quoted = HostFindings.Quote(path);
        if (!file.IsWithin(most))
        {
            var excess = Convert.ToString(file.Permissions & ~most, 8);
            var wanted = "0" + Convert.ToString(file.Permissions & most, 8).PadLeft(3, '0');
            yield return rule.Found(
                $"{path} has mode {file.Octal}; it should have 0{Convert.ToString(most, 8)} at most (too much: {excess}).", $"Run `chmod {wanted} {path}`.", path, "mode", fix: $"chmod {wanted} -- {quoted}");
        }

        var mine = facts.User is { Found: true, Value.Uid: var uid } && file.Uid == uid;
        if (file.Uid != 0 && !(owner == FileOwner.RootOrUser && mine))
        {
            yield return rule.Found($"{path} belongs to uid {file.Uid} and not to root.", $"Run `chown root {path}`.", path, "owner", fix: $"chown root -- {quoted}");
        }

        if (file.Gid != 0 && owner == FileOwner.Root)
        {
            yield return rule.Found($"{path} belongs to group {file.Gid} and not to root's.", $"Run `chgrp root {path}`.", path, "group", fix: $"chgrp root -- {quoted}");
        }
    }
}
