// The main job on real parts: publishes the samples through the packed package. The clean one is vetted, delivered, signed and verified, the leaky one refused.
#:project ../tests/ContainerBuildGuard.Testing/ContainerBuildGuard.Testing.csproj
using ContainerBuildGuard.Testing.Servers;

await DebianPackages.InstallMissingAsync();
if (!RegistryServer.IsAvailable || !DebianBaseImage.IsAvailable)
{
    Console.WriteLine("The demo needs docker-registry, skopeo and mmdebstrap, and root for mmdebstrap; it stops here.");
    return 3;
}

Console.WriteLine("1. Packing the package and the tool");
using var products = await PackedProducts.PackAsync(native: false);
Console.WriteLine("2. Starting a registry and pushing a base image of Debian packages");
await using var registry = await RegistryServer.StartAsync();
await DebianBaseImage.PushAsync(registry);
var work = Directory.CreateTempSubdirectory("cbg-demo-");
try
{
    var key = Path.Combine(work.FullName, "demo");
    await ProcessRunner.MustAsync(products.Cbg, "keys", "generate", "--output-key-prefix", key);

    Console.WriteLine("3. dotnet publish samples/WebApi /t:PublishContainer");
    var clean = await PublishAsync("WebApi", $"{key}.key");
    Expect(clean.ExitCode == 0, "the clean sample is accepted");
    Expect(await registry.DigestAsync("samples/webapi", "latest") is not null, "it is in the registry");

    Console.WriteLine("4. cbg verify");
    var verified = await ProcessRunner.RunAsync(products.Cbg, ["verify", $"{registry.Host}/samples/webapi:latest", "--key", $"{key}.pub"]);
    Console.WriteLine(verified.Output.TrimEnd());
    Expect(verified.ExitCode == 0, "its signature verifies");
    var unsigned = await ProcessRunner.RunAsync(products.Cbg, ["verify", $"{registry.Host}/base/aspnet:10.0", "--key", $"{key}.pub"]);
    Console.WriteLine(unsigned.Output.TrimEnd());
    Expect(unsigned.ExitCode == 1, "the unsigned base image is refused");

    Console.WriteLine("5. dotnet publish samples/LeakyApi /t:PublishContainer");
    var leaky = await PublishAsync("LeakyApi", $"{key}.key");
    Expect(leaky.ExitCode == 1, "the leaky sample is refused");
    foreach (var code in (string[])["CBG1002", "CBG2001", "CBG4002"])
    {
        Expect(leaky.Output.Contains($"error {code}", StringComparison.Ordinal), $"it is refused for {code}");
    }

    Expect(!(await registry.RepositoriesAsync()).Contains("samples/leakyapi"), "nothing of it is in the registry");
    Console.WriteLine("Done: vetted, signed and verified; refused when leaky.");
    return 0;
}
catch (InvalidOperationException e)
{
    Console.WriteLine(e.Message);
    return 1;
}
finally
{
    work.Delete(recursive: true);
}

async Task<ProcessResult> PublishAsync(string sample, string key)
{
    var copy = Path.Combine(work.FullName, sample);
    Directory.CreateDirectory(copy);
    foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "samples", sample)).Append(Path.Combine(Repository.Root, "samples", "Directory.Build.props")))
    {
        File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
    }

    File.Copy(products.Config, Path.Combine(copy, "nuget.config"));
    var result = await ProcessRunner.RunAsync("dotnet", [
        "publish", copy, "/t:PublishContainer", "-tl:off", "-nodeReuse:false", $"-p:ContainerBuildGuardVersion={products.Version}",
        $"-p:ContainerBaseImage={registry.Host}/base/aspnet:10.0", $"-p:ContainerRegistry={registry.Host}",
        $"-p:ContainerBuildGuardAdvisories={Path.Combine(Repository.Root, "samples", "advisories")}", $"-p:ContainerBuildGuardKey={key}"]);
    foreach (var line in result.Output.Split('\n').Where(l => l.Contains("CBG", StringComparison.Ordinal) || l.Contains("ContainerBuildGuard", StringComparison.Ordinal) || l.Contains("Delivered", StringComparison.Ordinal) || l.Contains("error", StringComparison.Ordinal)).Select(l => l.Trim()).Distinct())
    {
        Console.WriteLine($"   {(line.Length > 220 ? line[..220] + "…" : line)}");
    }

    return result;
}

static void Expect(bool condition, string what) =>
    Console.WriteLine(condition ? $"   ok: {what}" : throw new InvalidOperationException($"   FAILED: {what}"));
