using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ContainerBuildGuard.Testing;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.EndToEnd;

/// <summary>An app with forty secrets of all kinds: refused, each named at its place, and none of them in anything that the build or the tool writes.</summary>
[TestClass]
public sealed class LeakyTests
{
    private const string Items = """<Compile Remove="planted/**" /><Content Remove="planted/**" /><None Remove="planted/**" /><None Include="planted/**/*" CopyToPublishDirectory="Always" />""";
    private static readonly IReadOnlyList<(string Path, string Content, string Secret)> Planted = PlantedSecrets.Files(new Made(4077));

    [TestInitialize]
    public void Require() => Workbench.Require(true, "");

    [TestMethod]
    public async Task Forty_secrets_are_refused_with_forty_places_and_are_in_no_output()
    {
        using var project = new GuardedProject(items: Items);
        Planted.ToList().ForEach(p => project.File($"planted/{p.Path}", p.Content));
        var cache = Directory.CreateDirectory(Path.Combine(project.Root, "cache")).FullName;
        var environment = new Dictionary<string, string?> { ["XDG_CACHE_HOME"] = cache };
        var published = await project.PublishAsync(environment, $"-p:ContainerRegistry={Workbench.Registry.Host}", "-v:normal", "-bl:build.binlog");
        Assert.AreEqual(1, published.ExitCode, published.Output);
        await project.AssertNothingArrivedAsync();

        var written = Path.Combine(project.Folder, "obj/Release/net10.0/containerbuildguard");
        CollectionAssert.AreEquivalent(Planted.Select(p => $"planted/{p.Path}").ToList(), PlacesOf(await File.ReadAllTextAsync(Path.Combine(written, "report.json"))));

        var outputs = new Dictionary<string, string> { ["console"] = published.Output, ["binary log"] = await InflatedAsync(Path.Combine(project.Folder, "build.binlog")) };
        foreach (var file in Directory.EnumerateFiles(written, "*", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(cache, "*", SearchOption.AllDirectories)).Where(f => !f.EndsWith(".tar", StringComparison.Ordinal) && !f.EndsWith(".tar.gz", StringComparison.Ordinal)))
        {
            outputs[file] = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file));
        }

        foreach (var format in (string[])["table", "json", "sarif", "html", "github"])
        {
            var run = await ProcessRunner.RunAsync(Workbench.Products.Cbg, ["secrets", Path.Combine(project.Folder, "planted"), "--format", format], environment: environment);
            Assert.AreEqual(1, run.ExitCode, run.Output);
            outputs[format] = run.Output;
        }

        Assert.IsTrue(outputs.Keys.Any(k => k.StartsWith(cache, StringComparison.Ordinal)), "the cache was not looked at");
        foreach (var (where, text) in outputs)
        {
            foreach (var (path, _, secret) in Planted)
            {
                Assert.DoesNotContain(MostTelling(secret), text, $"{path} in {where}");
            }
        }
    }

    [TestMethod]
    public async Task The_same_files_with_references_in_the_place_of_secrets_are_delivered()
    {
        using var project = new GuardedProject(items: Items);
        // The names of a private key and of a key ring are refused whatever the file holds.
        Planted.Where(p => !p.Path.EndsWith("id_rsa", StringComparison.Ordinal) && !p.Path.Contains("DataProtection-Keys", StringComparison.Ordinal)).ToList().ForEach(p => project.File($"planted/{p.Path}", p.Content.Replace(p.Secret, "${SECRET}", StringComparison.Ordinal)));
        var published = await project.PublishToRegistryAsync();
        Assert.DoesNotContain("CBG4", published.Output);
        Assert.AreEqual(0, published.ExitCode, published.Output);
        Assert.IsNotNull(await project.TagAsync());
    }

    private static List<string> PlacesOf(string report)
    {
        using var document = JsonDocument.Parse(report);
        return [.. document.RootElement.GetProperty("findings").EnumerateArray().Where(f => f.GetProperty("control").GetString() == "secrets-management")
            .Select(f => f.GetProperty("location").GetProperty("path").GetString()!).Select(p => p[p.IndexOf("planted/", StringComparison.Ordinal)..]).Distinct()];
    }

    /// <summary>From the middle, longer than any preview.</summary>
    private static string MostTelling(string secret) => secret.Substring(secret.Length / 3, Math.Min(24, secret.Length / 2));

    private static async Task<string> InflatedAsync(string path)
    {
        await using var log = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        await log.CopyToAsync(bytes);
        return Encoding.Latin1.GetString(bytes.ToArray());
    }
}
