using System.Text;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.HostSecurity;

/// <summary>The remedies as a shell script to be read before it is run. The guard itself never runs it; what needs a decision stays a comment.</summary>
public static class FixScript
{
    public static string Write(IEnumerable<Finding> findings, DateTimeOffset now)
    {
        var text = new StringBuilder()
            .AppendLine("#!/bin/sh")
            .AppendLine($"# Remedies for this host, written by `cbg audit host --fix-script` on {now:yyyy-MM-dd}. Read every line before you run it, as root.")
            .AppendLine("# Each block changes one thing; delete the blocks that you do not want.")
            .AppendLine("set -u")
            .AppendLine();
        foreach (var finding in findings.Where(f => f.Waiver is null))
        {
            text.AppendLine($"# {finding.Code} {finding.Message}").AppendLine($"#   {finding.Remedy}");
            text.AppendLine(finding.ShellFix is { } fix && !fix.AsSpan().ContainsAny('\n', '\r', '\0') ? fix : "#   (no command: decide and do this by hand)").AppendLine();
        }

        return text.ToString().ReplaceLineEndings("\n");
    }
}
