using System.CommandLine;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg policy …</c></summary>
internal static class PolicyCommand
{
    public static Command Create() => new TeachingCommand("policy", "What the rules are.", "cbg policy explain CBG5002")
    {
        PolicyExplainCommand.Create(),
    };
}
