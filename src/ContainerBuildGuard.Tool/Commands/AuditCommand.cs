using System.CommandLine;

namespace ContainerBuildGuard.Tool.Commands;

/// <summary><c>cbg audit …</c></summary>
internal static class AuditCommand
{
    public static Command Create() => new TeachingCommand(
        "audit",
        "Audit what images are built and run on.",
        "cbg audit host", "cbg audit deployment compose.yaml")
    {
        AuditHostCommand.Create(), AuditContainersCommand.Create(), AuditDeploymentCommand.Create(),
    };
}
