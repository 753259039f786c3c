using ContainerBuildGuard.Tool;
using ContainerBuildGuard.Tool.Commands;

var root = new TeachingCommand(
    "cbg",
    "ContainerBuildGuard vets container images and the hosts that build them.",
    "cbg check app.tar", "cbg verify registry.example.com/app:1.0 --key cbg.pub", "cbg audit host", "cbg policy explain CBG5002");
return await CommandLine.RunAsync(root, args,
    CheckCommands.Check(), CheckCommands.Lint(), CheckCommands.Scan(), CheckCommands.Secrets(), SbomCommand.Create(),
    SignCommand.Create(), AttestCommand.Create(), VerifyCommand.Create(), RunCheckCommand.Create(), TrustCommand.Create(), AuditCommand.Create(), AdvisoriesCommand.Create(), PolicyCommand.Create(), KeysCommand.Create(), CacheCommand.Create());
