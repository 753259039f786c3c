using System.Text;
using ContainerBuildGuard.Inspection;
using ContainerBuildGuard.Policies;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Whatever the file, the place and the encoding: what is planted is found, across the borders of windows too.</summary>
[TestClass]
public sealed class PlantingPropertyTests
{
    private const string Sdk = ".NET SDK Container Tooling, version 10";
    private static readonly string[] Detectable = ["glpat-{w20}", "xoxb-{d12}-{d12}-{w24}", "SG.{u22}.{u43}", "sk_live_{w24}", "AKIA{216}", "AIza{u35}", "dop_v1_{h64}", "dckr_pat_{w27}", "glsa_{w32}_{h8}", "shpat_{h32}", "pypi-AgEIcHlwaS5vcmc{u80}", "dapi{h32}", "hvs.{w95}", "PMAK-{h24}-{h34}"];

    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow(101)]
    [DataRow(102)]
    [DataRow(103)]
    public async Task A_secret_planted_anywhere_in_a_real_file_is_found(int seed)
    {
        var made = new Made(seed);
        var files = Directory.GetFiles(AppContext.BaseDirectory).Where(f => new FileInfo(f).Length is > 2000 and < 3_000_000).Order(StringComparer.Ordinal).ToArray();
        var planted = new List<(string Path, string Secret)>();
        var places = new Dictionary<string, string>();
        var image = new ImageBuilder().Layer(layer =>
        {
            for (var i = 0; i < 40; i++)
            {
                var file = made.Pick(files);
                var content = File.ReadAllBytes(file);
                var secret = made.Fill(made.Pick(Detectable));
                var at = i % 4 == 0 ? Border(made, content.Length, secret.Length) : made.Next(content.Length);
                var encoded = Encode(made, secret, isText: !content.AsSpan(0, Math.Min(8192, content.Length)).Contains((byte)0));
                var path = $"app/{i}/{Path.GetFileName(file)}.dat";
                layer.File(path, [.. content[..at], .. encoded, .. content[at..]]);
                planted.Add((path, secret));
                places[path] = $"{encoded.Length} bytes at {at} of {content.Length}, entropy {Randomness.Entropy(Encoding.ASCII.GetBytes(secret)):F2}";
            }
        }, Sdk);

        // Small windows: many borders.
        var limits = InspectionLimits.Default with { WindowBytes = 64 << 10, OverlapBytes = 8 << 10 };
        var control = new SecretsControl(SecretsOptions.Of(Policy.Default));
        var inspection = await ImageInspector.InspectAsync(image.Build(), [.. control.CreateObservers()], limits, TestContext.CancellationToken);
        var findings = (await control.JudgeAsync(inspection, TestContext.CancellationToken)).Findings;
        foreach (var (path, secret) in planted)
        {
            Assert.IsTrue(findings.Any(f => f.Location.Path == path && f.Message.Contains(secret[..4], StringComparison.Ordinal)), $"{path}: {secret[..6]}… of {secret.Length}, {places[path]}");
        }
    }

    [TestMethod]
    public void No_beginning_of_anything_breaks_a_detector()
    {
        string[] tails = ["", " ", "=", "=\"", ":", ": \"", "\"", "\" value=\"", "('", "-----", "PRIVATE KEY-----\n", "{", "[", ",", "<", ">", "\\", "\\u00", "%", "://", "@", ";", "Server=a;Password=", "Basic ", ": Bearer ", "\n", "\0", "é", "name login x password", " -u", " -p "];
        var random = new Random(31);
        string[] keywords = [.. SecretDetectors.All.SelectMany(d => d.Keywords).Concat(AssignmentScanner.Triggers).Select(k => k.Text)];
        string[] paths = ["a/appsettings.json", "a/a.yml", "a/.env", "a/a.cs", "a/a.xml", "a/a.sh", "a/a.md", "a/a.bin", "a/.pgpass", "a/db_password"];
        foreach (var keyword in keywords)
        {
            for (var i = 0; i < 12; i++)
            {
                var text = $"{tails[random.Next(tails.Length)]}{keyword}{tails[random.Next(tails.Length)]}{tails[random.Next(tails.Length)]}{(i % 3 == 0 ? keywords[random.Next(keywords.Length)] : "")}";
                Secrets.In(text, paths[random.Next(paths.Length)]);
                Secrets.In(Encoding.Unicode.GetBytes(text), paths[random.Next(paths.Length)]);
            }
        }
    }

    [TestMethod]
    public void A_preview_never_shows_more_than_the_contract_allows()
    {
        for (var length = 1; length < 200; length++)
        {
            var preview = Redaction.Preview(Encoding.ASCII.GetBytes(new string('s', length))).TrimEnd('…');
            Assert.IsLessThanOrEqualTo(4, preview.Length);
            Assert.IsLessThanOrEqualTo(length / 4.0, preview.Length);
        }
    }

    [TestMethod]
    [Timeout(120_000, CooperativeCancellation = true)]
    [DataRow("A")]
    [DataRow("password")]
    [DataRow("password=")]
    [DataRow("\"token\":\"x\",")]
    [DataRow("-----BEGIN PRIVATE KEY-----")]
    [DataRow("eyJabcdefghijkl.")]
    [DataRow("://user:x@")]
    [DataRow("Server=a;Password=")]
    [DataRow("id,password,token\n")]
    [DataRow("password,")]
    [DataRow("Client(\"x\", ")]
    [DataRow("MIIEpAIBAAKCAQEA4ej0p7bQ7L/r4rVGUz9RN4VQWoej1Bg1mYWIDYslvKrk1gpj")]
    public void Time_grows_with_length_alone(string unit)
    {
        var bytes = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(unit, (8 << 20) / unit.Length)));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Secrets.Scanner.Scan(bytes, new FileContext("app/a.txt", IsApp: true));

        // 8 MB: quadratic work would take hours; this bound is generous for a busy machine.
        Assert.IsLessThan(30, clock.Elapsed.TotalSeconds);
    }

    private static int Border(Made made, int length, int secret) => Math.Clamp((64 << 10) - made.Next(secret + 2), 0, length);

    private static byte[] Encode(Made made, string secret, bool isText) => made.Next(isText ? 3 : 2) switch
    {
        0 => Encoding.ASCII.GetBytes($"\n{secret}\n"),
        1 when !isText => [0, 0, .. Encoding.Unicode.GetBytes($" {secret} "), 0, 0],
        1 => Encoding.ASCII.GetBytes($" x=\"{secret}\" "),
        _ => Encoding.ASCII.GetBytes($"\n{secret}\n"),
    };
}
