using ContainerBuildGuard.Tool;
using ContainerBuildGuard.Tool.Commands;

var root = new TeachingCommand(
    "cbg",
    "ContainerBuildGuard vets container images and the hosts that build them.",
    "cbg audit host", "cbg policy explain CBG5002");
return await CommandLine.RunAsync(root, args, AuditCommand.Create(), PolicyCommand.Create());
