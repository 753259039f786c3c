// Measures on this machine: `dotnet run build/bench.cs` for the image benchmark, whose figures go into the README; arguments are passed on (see the benchmark project).
#:project ../tests/ContainerBuildGuard.Testing/ContainerBuildGuard.Testing.csproj
using ContainerBuildGuard.Testing.Servers;

string[] arguments = args is [] ? ["image", "--readme", Path.Combine(Repository.Root, "README.md")] : args;
var result = await ProcessRunner.RunAsync("dotnet",
    ["run", "--project", Path.Combine(Repository.Root, "tests", "ContainerBuildGuard.Benchmarks"), "-c", "Release", "--", .. arguments], timeout: TimeSpan.FromHours(2), echo: true);
return result.ExitCode;
