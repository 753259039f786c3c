using ContainerBuildGuard.Sigstore.Conformance;

return await Protocol.RunAsync(args, Console.Error);
