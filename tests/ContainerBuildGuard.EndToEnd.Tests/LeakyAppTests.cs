using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>An app that leaks wherever one can: the publish is refused, every place is named, no value is told.</summary>
[TestClass]
public sealed class LeakyAppTests
{
    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    [TestMethod]
    public async Task Forty_secrets_are_forty_places_and_nothing_is_delivered()
    {
        var planted = PlantedSecrets.Files(new Made(77));
        using var project = new GuardedProject(items: """<Content Include="../leaks/**/*" LinkBase="leaks" CopyToPublishDirectory="Always" />""");
        foreach (var (path, content, _) in planted)
        {
            var full = Path.Combine(project.Root, "leaks", path);
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            await File.WriteAllTextAsync(full, content);
        }

        var log = Path.Combine(project.Root, "publish.binlog");
        var result = await project.PublishToRegistryAsync($"-bl:{log}");
        Assert.AreEqual(1, result.ExitCode, result.Output);
        await project.AssertNothingArrivedAsync();

        var report = await File.ReadAllTextAsync(Path.Combine(project.Folder, "obj/Release/net10.0/containerbuildguard/report.json"));
        using var json = JsonDocument.Parse(report);
        var places = json.RootElement.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("control").GetString() == "secrets-management").Select(f => f.GetProperty("location").GetProperty("path").GetString()!).Distinct();
        CollectionAssert.AreEquivalent(planted.Select(p => $"app/leaks/{p.Path}").ToList(), places.ToList());

        await using var binary = new GZipStream(File.OpenRead(log), CompressionMode.Decompress);
        using var events = new MemoryStream();
        await binary.CopyToAsync(events);
        var logged = Encoding.UTF8.GetString(events.ToArray());
        foreach (var (path, _, value) in planted)
        {
            var probe = value.TrimEnd()[^8..];
            Assert.DoesNotContain(probe.StartsWith('-') ? value.Substring(value.Length / 2, 12) : probe, result.Output + report + logged, path);
        }
    }
}
