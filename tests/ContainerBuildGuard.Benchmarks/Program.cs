using ContainerBuildGuard.Benchmarks;

// One benchmark a name; each measures whole processes and says its figures beside a floor measured in the same run.
return args switch
{
    ["image", .. var options] => await ImageBenchmark.RunAsync(options),
    ["trust"] => TrustBenchmark.Run(),
    ["verify", .. var cbg] => await VerifyBenchmark.RunAsync(cbg.FirstOrDefault()),
    ["floor", var reference] => await Floor.RunAsync(reference),
    ["secrets", .. var options] => SecretsBenchmark.Run(options),
    ["secrets-memory", var way, .. var folders] => SecretsMemory.Run(way, folders),
    ["advisories", .. var options] => await AdvisoryBenchmark.RunAsync(options),
    ["deployments", .. var cbg] => await DeploymentBenchmark.RunAsync(cbg.FirstOrDefault()),
    ["reference", var folder] => await ReferenceImage.WriteAsync(folder),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("Usage: image [--rounds N] [--peer 'COMMAND {image}']... [--readme FILE] | trust | verify [CBG] | advisories [ZIP]... | deployments [CBG] | floor IMAGE | reference FOLDER | secrets [FOLDER]... [--peer COMMAND]");
    return 2;
}
