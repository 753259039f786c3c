using System.Text;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Images;

/// <summary>Thousands of damaged inputs from a fixed seed: each is read or refused with an <see cref="ImageException"/>, and nothing else happens.</summary>
[TestClass]
public sealed class MutationTests
{
    private const int Rounds = 20_000;

    private static readonly string[] Words =
        ["\"", "{", "}", "[", "]", ":", ",", "null", "true", "-1", "1e999", "99999999999999999999", "0.5", "\\u0000", "\\ud800", "sha256:", "@", "/", "..", "\0", "\uFEFF", "=", "=\"", "é", "schemaVersion", "layers", "manifests", "mediaType", "config"];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public void Manifests()
    {
        var image = new ImageBuilder().Layer(l => l.File("a", "a")).Build();
        Run(Encoding.UTF8.GetString(image.ManifestBytes.Span), text =>
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            _ = ManifestParser.IsIndex(bytes) ? ManifestParser.ParseIndex(bytes) : (object)ManifestParser.ParseManifest(bytes);
        });
    }

    [TestMethod]
    public void Indexes() => Run(
        $$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[{"mediaType":"{{MediaTypes.OciManifest}}","digest":"{{Digest.Sha256("x"u8)}}","size":7,"platform":{"os":"linux","architecture":"arm","variant":"v7"},"annotations":{"a":"b"} }]}""",
        text => ManifestParser.ParseIndex(Encoding.UTF8.GetBytes(text)));

    [TestMethod]
    public void Configurations()
    {
        var image = new ImageBuilder().User("1").Env("A=b").Ports("80/tcp").Cmd("x").Label("l", "v").Set("Healthcheck", new System.Text.Json.Nodes.JsonObject { ["Test"] = new System.Text.Json.Nodes.JsonArray("CMD", "x") }).Layer(l => l.File("a", "a"), "RUN x").Build();
        Run(Encoding.UTF8.GetString(image.ConfigBytes.Span), text => ConfigParser.Parse(Encoding.UTF8.GetBytes(text)));
    }

    [TestMethod]
    public void References()
    {
        foreach (var seed in (string[])["registry.example.com:5000/team/app:1.0", $"[::1]:5000/a@{Digest.Sha256("x"u8)}", "alpine"])
        {
            Run(seed, text => ImageReference.Parse(text));
        }
    }

    [TestMethod]
    public void Challenges() =>
        Run("""Negotiate abc==, Basic realm="x", Bearer realm="https://auth.example/token",service="a, \"b",scope="repository:a/b:pull,push" """, text => AuthenticationChallenge.Parse([text]));

    [TestMethod]
    public void Credential_files() => Run(
        """{"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"},"registry.example/team":{"identitytoken":"t"},"registry.example":{"username":"u","password":"p"}},"credHelpers":{"registry.example":"x"},"credsStore":"y"}""",
        text => CredentialFile.Read(Encoding.UTF8.GetBytes(text), "config.json", "registry.example", "team/app"));

    [TestMethod]
    public void Platforms() => Run("linux/arm/v7", text =>
    {
        try
        {
            _ = Platform.Parse(text);
        }
        catch (FormatException)
        {
        }
    });

    /// <summary>Whole archives of both formats, damaged byte by byte: opened and read to the end, or refused.</summary>
    [TestMethod]
    public async Task Archives()
    {
        var image = new ImageBuilder().Layer(l => l.File("a", "a")).Build();
        using var archive = new Archives.ArchiveFile();
        archive.AddLayout([image.Descriptor], image).AddDockerManifest((image, ["a:1"])).Write();
        var good = await File.ReadAllBytesAsync(archive.Path, TestContext.CancellationToken);
        var random = new Random(20260102);
        for (var round = 0; round < 1500; round++)
        {
            var bytes = good.ToArray();
            for (var i = random.Next(1, 6); i > 0; i--)
            {
                // Most of a small tar is padding: content and headers are hit more often where a byte is there to change.
                var at = random.Next(bytes.Length);
                at = Array.FindIndex(bytes, at, b => b != 0) is >= 0 and var used ? used : at;
                bytes[at] = (byte)(random.Next(3) == 0 ? random.Next(256) : bytes[at] ^ (1 << random.Next(8)));
            }

            await File.WriteAllBytesAsync(archive.Path, random.Next(8) == 0 ? bytes[..random.Next(bytes.Length)] : bytes, TestContext.CancellationToken);
            try
            {
                await using var set = await ImageSource.OpenAsync(archive.Path, new ImageSourceOptions(), TestContext.CancellationToken);
                foreach (var layer in set.Images.SelectMany(i => i.Manifest.Layers.Select(l => (i.Blobs, Layer: l))))
                {
                    await using var stream = await layer.Blobs.OpenAsync(layer.Layer, TestContext.CancellationToken);
                    await stream.CopyToAsync(Stream.Null, TestContext.CancellationToken);
                }
            }
            catch (ImageException e)
            {
                Assert.IsFalse(string.IsNullOrWhiteSpace(e.Message));
            }
            catch (Exception e) when (e is not UnitTestAssertException and not OperationCanceledException)
            {
                Assert.Fail($"round {round}: {e}");
            }
        }
    }

    private static void Run(string seed, Action<string> read)
    {
        var random = new Random(20260101);
        for (var round = 0; round < Rounds; round++)
        {
            var text = Mutate(seed, random);
            try
            {
                read(text);
            }
            catch (ImageException e)
            {
                Assert.IsFalse(string.IsNullOrWhiteSpace(e.Message));
            }
            catch (Exception e) when (e is not UnitTestAssertException)
            {
                Assert.Fail($"round {round}: {e.GetType().Name} for: {text}");
            }
        }
    }

    private static string Mutate(string seed, Random random)
    {
        var text = new StringBuilder(seed);
        for (var i = random.Next(1, 5); i > 0 && text.Length > 0; i--)
        {
            var at = random.Next(text.Length);
            var length = Math.Min(random.Next(1, 12), text.Length - at);
            switch (random.Next(6))
            {
                case 0:
                    text.Remove(at, length);
                    break;
                case 1:
                    text.Insert(at, Words[random.Next(Words.Length)]);
                    break;
                case 2:
                    text[at] = (char)random.Next(0x80);
                    break;
                case 3:
                    text.Insert(random.Next(text.Length), text.ToString(at, length));
                    break;
                case 4:
                    text.Length = at;
                    break;
                default:
                    text[at] = char.IsLetter(text[at]) ? (char)(text[at] ^ 0x20) : (char)random.Next(0x10000);
                    break;
            }
        }

        return text.ToString();
    }
}
