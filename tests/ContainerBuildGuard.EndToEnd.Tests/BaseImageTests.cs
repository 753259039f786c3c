using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>What a publish builds on is what was looked at.</summary>
[TestClass]
public sealed class BaseImageTests
{
    private readonly SmallBase _base = new();

    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    private string Repository => _base.Repository;

    private string Name => _base.Name;

    [TestMethod]
    public async Task A_tag_that_moves_after_the_verification_is_not_followed_and_the_labels_stay_true()
    {
        var (verified, other) = (await PushAsync("first"), await PushAsync("second", tag: "other"));
        using var project = Project($"verify: [{{ by: digests, digests: ['{verified.Root.Digest}'] }}]").File("Directory.Build.targets", $"""
            <Project>
              <Target Name="Move" AfterTargets="_ContainerBuildGuardPin"><Exec Command="skopeo copy -q --all --src-tls-verify=false --dest-tls-verify=false docker://{Repository}:other docker://{Name}" /></Target>
            </Project>
            """);
        var result = await project.PublishToRegistryAsync();
        Assert.AreEqual(0, result.ExitCode, result.Output);
        Assert.AreEqual(other.Root.Digest.ToString(), await _base.DigestAsync(), "The tag moved.");
        Assert.Contains($"Built on {Name}@{verified.Root.Digest}, verified (digests).", result.Output);
        var labels = await LabelsAsync(project, "latest");
        Assert.AreEqual(Name, labels["org.opencontainers.image.base.name"]);
        Assert.AreEqual(verified.Images[0].Digest.ToString(), labels["org.opencontainers.image.base.digest"]);
    }

    [TestMethod]
    public async Task Each_platform_of_a_signed_index_is_verified_and_built_on()
    {
        const string Policy = "verify: [{ by: signatures, every-platform: true, signed-by: [{ key: base.pub }] }]";
        var set = await PushAsync("signed");
        using var project = Project(Policy, "<RuntimeIdentifiers>linux-x64;linux-arm64</RuntimeIdentifiers><SelfContained>false</SelfContained>").File("base.pub", await File.ReadAllTextAsync(Workbench.PublicKey));
        await SignAsync(set.Images[0].Digest);
        var refused = await project.PublishToRegistryAsync();
        Assert.AreEqual(1, refused.ExitCode, refused.Output);
        Assert.Contains("error CBG3101", refused.Output);
        Assert.Contains($"{set.Images[1].Digest}: it has no signature", refused.Output);
        Assert.DoesNotContain("Building image", refused.Output);
        Assert.Contains("CBG3101", await File.ReadAllTextAsync(Path.Combine(project.Folder, "obj/Release/net10.0/containerbuildguard/report.json")));
        await project.AssertNothingArrivedAsync();

        await SignAsync(set.Root.Digest);
        var result = await project.PublishToRegistryAsync();
        Assert.AreEqual(0, result.ExitCode, result.Output);
        foreach (var (tag, image) in ((string, Image)[])[("latest-linux-x64", set.Images[0]), ("latest-linux-arm64", set.Images[1])])
        {
            var labels = await LabelsAsync(project, tag);
            Assert.AreEqual(image.Digest.ToString(), labels["org.opencontainers.image.base.digest"]);
            Assert.AreEqual(Name, labels["org.opencontainers.image.base.name"]);
        }
    }

    [TestMethod]
    public async Task The_lock_file_is_written_warned_from_and_enforced()
    {
        var first = await PushAsync("first");
        using var project = Project("", "<ContainerBuildGuardLockBaseImages>true</ContainerBuildGuardLockBaseImages>");
        Assert.AreEqual(0, (await project.PublishToRegistryAsync()).ExitCode);
        var file = Path.Combine(project.Folder, "containerbuildguard.lock.json");
        Assert.Contains(first.Root.Digest.ToString(), await File.ReadAllTextAsync(file));

        var second = await PushAsync("second");
        var refused = await project.PublishToRegistryAsync("-p:ContainerBuildGuardLockedMode=true");
        Assert.AreEqual(1, refused.ExitCode, refused.Output);
        Assert.Contains("error CBG3104", refused.Output);
        var warned = await project.PublishToRegistryAsync();
        Assert.AreEqual(0, warned.ExitCode, warned.Output);
        Assert.Contains("warning CBG3104", warned.Output);
        Assert.Contains(second.Root.Digest.ToString(), await File.ReadAllTextAsync(file));
        Assert.IsFalse(File.Exists(Path.Combine(project.Folder, "bin/Release/net10.0/publish/containerbuildguard.lock.json")), "The lock file is no content of the image.");
    }

    [TestMethod]
    public async Task A_target_that_changes_the_base_afterwards_is_noticed()
    {
        var (verified, other) = (await PushAsync("first"), await PushAsync("second", tag: "other"));
        using var project = Project($"verify: [{{ by: digests, digests: ['{verified.Root.Digest}'] }}]").File("Directory.Build.targets", $"""
            <Project>
              <Target Name="Change" AfterTargets="_ContainerBuildGuardPin"><PropertyGroup><ContainerBaseDigest>{other.Root.Digest}</ContainerBaseDigest></PropertyGroup></Target>
            </Project>
            """);
        var result = await project.PublishToRegistryAsync();
        Assert.AreEqual(1, result.ExitCode, result.Output);
        Assert.Contains("error CBG3105", result.Output);
        await project.AssertNothingArrivedAsync();
    }

    [TestMethod]
    public async Task A_base_that_is_not_allowed_is_not_pulled_and_one_that_is_not_there_is_the_SDKs_to_report()
    {
        using var project = Project("allow: ['mcr.microsoft.com/dotnet/*']");
        var refused = await project.PublishToRegistryAsync();
        Assert.AreEqual(1, refused.ExitCode, refused.Output);
        Assert.Contains("error CBG3010", refused.Output);
        Assert.DoesNotContain("Building image", refused.Output);

        var missing = await project.File("containerbuildguard.yaml", "version: 1\n").PublishToRegistryAsync();
        Assert.AreEqual(1, missing.ExitCode, missing.Output);
        Assert.Contains("error CONTAINER", missing.Output);
        Assert.DoesNotContain("error CBG", missing.Output);

        await PushAsync("there");
        var off = await project.File("containerbuildguard.yaml", "version: 1\nbase-images: { allow: [nothing], pin: digest }\n").PublishToRegistryAsync("-p:ContainerBuildGuardEnabled=false");
        Assert.AreEqual(0, off.ExitCode, off.Output);
        Assert.DoesNotContain("CBG", off.Output);
    }

    [TestMethod]
    public async Task The_SDK_pulls_from_the_mirror_that_has_the_base()
    {
        var set = await PushAsync("mirrored");
        using var project = new GuardedProject(properties: $"<ContainerBaseImage>registry.invalid/{_base.Path}:1</ContainerBaseImage>")
            .File("containerbuildguard.yaml", $"version: 1\nregistries: [{{ host: registry.invalid, mirrors: [{{ location: '{Workbench.Registry.Host}' }}] }}]\n");
        var result = await project.PublishToRegistryAsync();
        Assert.AreEqual(0, result.ExitCode, result.Output);
        var labels = await LabelsAsync(project, "latest");
        Assert.AreEqual($"registry.invalid/{_base.Path}:1", labels["org.opencontainers.image.base.name"]);
        Assert.AreEqual(set.Images[0].Digest.ToString(), labels["org.opencontainers.image.base.digest"]);
    }

    [TestMethod]
    public async Task With_Dockers_content_trust_on_an_unsigned_tag_is_not_built_on()
    {
        var set = await PushAsync("unsigned");
        using var project = Project("");
        var on = new Dictionary<string, string?> { ["DOCKER_CONTENT_TRUST"] = "1", ["DOCKER_CONTENT_TRUST_SERVER"] = $"http://{Workbench.Registry.Host}", ["DOCKER_CONFIG"] = project.Root };
        var refused = await project.PublishAsync(on, $"-p:ContainerRegistry={Workbench.Registry.Host}");
        Assert.AreEqual(1, refused.ExitCode, refused.Output);
        Assert.Contains("error CBG3101", refused.Output);
        Assert.DoesNotContain("Building image", refused.Output);
        var byDigest = await project.PublishAsync(on, $"-p:ContainerRegistry={Workbench.Registry.Host}", $"-p:ContainerBaseImage={Name}@{set.Root.Digest}");
        Assert.AreEqual(0, byDigest.ExitCode, byDigest.Output);
    }

    private GuardedProject Project(string baseImages, string properties = "") => _base.Project(baseImages.Length == 0 ? "" : $"base-images:\n  {baseImages}", properties);

    private Task<string> SignAsync(Digest digest) => ProcessRunner.MustAsync(Workbench.Products.Cbg, "sign", $"{Repository}@{digest}", "--key", Workbench.PrivateKey);

    private Task<ImageSet> PushAsync(string content, string tag = "1") => _base.PushAsync(content, tag);

    private static async Task<Dictionary<string, string>> LabelsAsync(GuardedProject project, string tag)
    {
        var json = await ProcessRunner.MustAsync("skopeo", "inspect", "--config", "--raw", "--tls-verify=false", $"docker://{Workbench.Registry.Host}/{project.Repository}:{tag}");
        return JsonNode.Parse(json)!["config"]!["Labels"]!.AsObject().ToDictionary(l => l.Key, l => (string)l.Value!);
    }
}
