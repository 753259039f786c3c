using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>Images are verified before they are run or deployed: <c>cbg run-check</c>, <c>cbg verify --deployment</c>.</summary>
[TestClass]
public sealed class BeforeUseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-use-");
    private readonly string _repository = $"use/{Guid.NewGuid():N}";

    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    public void Dispose() => _folder.Delete(recursive: true);

    private string Name => $"{Workbench.Registry.Host}/{_repository}";

    [TestMethod]
    public async Task Run_check_prints_the_verified_digest_and_nothing_else()
    {
        var digest = await PushAsync("signed", sign: true);
        await PushAsync("unsigned", sign: false);
        var policy = Write("containerbuildguard.yaml", $"version: 1\ntrust:\n  - images: ['{Name}']\n    signed-by: [{{ key: '{Workbench.PublicKey}' }}]\n");
        var passed = await CbgAsync("run-check", $"{Name}:signed", "--policy", policy);
        Assert.AreEqual((0, $"{Name}@{digest}"), (passed.ExitCode, passed.Output.Trim()));
        foreach (var (image, code, said) in ((string, int, string)[])[
            ($"{Name}:unsigned", 1, "CBG3001"),
            ($"{Workbench.Registry.Host}/base/aspnet:10.0", 1, "CBG3008"),
            ($"{Name}:gone", 2, "CBG9004"),
            ("localhost:9/use/x:1", 1, "CBG3008")])
        {
            var refused = await CbgAsync("run-check", image, "--policy", policy);
            Assert.AreEqual(code, refused.ExitCode, refused.Output);
            Assert.Contains(said, refused.Output);
            Assert.DoesNotContain("@sha256", refused.Output.Split('\n')[0].Split(' ')[0]);
        }

        var unreachable = await CbgAsync("run-check", "localhost:9/use/x:1", "--key", Workbench.PublicKey);
        Assert.AreEqual(3, unreachable.ExitCode, unreachable.Output);
    }

    [TestMethod]
    public async Task Run_check_asks_for_the_verdict_that_the_guard_attested()
    {
        using var project = new GuardedProject().File("containerbuildguard.yaml", "version: 1\nattest: [guard]\n");
        var published = await project.PublishToRegistryAsync($"-p:ContainerBuildGuardKey={Workbench.PrivateKey}");
        Assert.AreEqual(0, published.ExitCode, published.Output);
        await PushAsync("signed", sign: true);
        var policy = Write("run.yaml", $"version: 1\ntrust:\n  - signed-by: [{{ key: '{Workbench.PublicKey}' }}]\n    attestations: [{{ type: guard, verdict: passed, max-age: 30d }}]\n");
        var image = $"{Workbench.Registry.Host}/{project.Repository}";
        var passed = await CbgAsync("run-check", $"{image}:latest", "--policy", policy);
        Assert.AreEqual((0, $"{image}@{await project.TagAsync()}"), (passed.ExitCode, passed.Output.Trim()));
        var unvetted = await CbgAsync("run-check", $"{Name}:signed", "--policy", policy);
        Assert.AreEqual(1, unvetted.ExitCode, unvetted.Output);
        Assert.Contains("CBG3004", unvetted.Output);
    }

    [TestMethod]
    public async Task A_deployment_is_verified_and_pinned()
    {
        var digest = await PushAsync("signed", sign: true);
        var compose = Write("compose.yaml", $"services:\n  web:\n    image: {Name}:signed # ours\n");
        var pod = Write("pod.yaml", $"apiVersion: v1\nkind: Pod\nmetadata: {{ name: p }}\nspec:\n  containers:\n  - {{ name: c, image: \"{Name}:signed\" }}\n");
        var pinned = await CbgAsync("verify", "--deployment", compose, pod, "--key", Workbench.PublicKey, "--pin");
        Assert.AreEqual(0, pinned.ExitCode, pinned.Output);
        Assert.AreEqual($"services:\n  web:\n    image: {Name}:signed@{digest} # ours\n", await File.ReadAllTextAsync(compose));
        Assert.Contains($"image: \"{Name}:signed@{digest}\" }}", await File.ReadAllTextAsync(pod));

        await PushAsync("signed", sign: false);
        var second = await CbgAsync("verify", "--deployment", _folder.FullName, "--key", Workbench.PublicKey, "--pin", "--format", "json");
        Assert.AreEqual(0, second.ExitCode, second.Output);
        Assert.Contains("\"pinned\": []", second.Output);

        Write("more.yaml", $"services:\n  other: {{ image: '{Name}:signed' }}\n");
        var refused = await CbgAsync("verify", "--deployment", _folder.FullName, "--key", Workbench.PublicKey);
        Assert.AreEqual(1, refused.ExitCode, refused.Output);
        Assert.Contains("more.yaml(2,", refused.Output);
        Write("more.yaml", "services:\n  other: { image: 'localhost:9/nobody/there:1' }\n");
        Assert.AreEqual(3, (await CbgAsync("verify", "--deployment", _folder.FullName, "--key", Workbench.PublicKey)).ExitCode);
        Assert.AreEqual(2, (await CbgAsync("verify", "--deployment", compose, "--pin", Name)).ExitCode, "An image and files at once.");
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private async Task<string> PushAsync(string tag, bool sign)
    {
        var digest = await BuiltImages.Of(new ImageBuilder().Layer(l => l.File("etc/use", Guid.NewGuid().ToString())).Build()).PushAsync(Workbench.Registry.Host, _repository, tag);
        if (sign)
        {
            await ProcessRunner.MustAsync(Workbench.Products.Cbg, "sign", $"{Name}:{tag}", "--key", Workbench.PrivateKey);
        }

        return digest.ToString();
    }

    private static Task<ProcessResult> CbgAsync(params string[] arguments) => ProcessRunner.RunAsync(Workbench.Products.Cbg, arguments);
}
