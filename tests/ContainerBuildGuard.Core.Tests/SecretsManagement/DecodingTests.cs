using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>Secrets in other clothes: encoded, escaped, packed.</summary>
[TestClass]
public sealed class DecodingTests
{
    private static readonly string Token = "glpat-" + new Made(21).Text(Made.Word, 20);

    public static IEnumerable<object[]> Encoded =>
    [
        ["base64", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{{ \"gitlab\": \"{Token}\" }}"))],
        ["base64 twice", Convert.ToBase64String(Encoding.UTF8.GetBytes($"inner: {Convert.ToBase64String(Encoding.UTF8.GetBytes($"the token is {Token} here"))}"))],
        ["base64url", Convert.ToBase64String(Encoding.UTF8.GetBytes($"???>>>{Token}???>>>")).Replace('+', '-').Replace('/', '_')],
        ["hexadecimal", Convert.ToHexStringLower(Encoding.UTF8.GetBytes($"token {Token} end"))],
        ["URL", $"https://host/path?next=https%3A%2F%2Fgit%2F%3Fprivate%3D{Token}%26x%3D1"],
        ["JSON", $"{{ \"u\": \"a\\u0022{Token}\\u0022\" }}"],
        ["XML", $"<a b=\"x&quot;{Token}&quot;\" />"],
    ];

    [TestMethod]
    [DynamicData(nameof(Encoded))]
    public void An_encoded_token_is_found_with_its_line(string encoding, string text)
    {
        var matches = Secrets.In($"first line\nsecond {text}\n");
        Assert.IsTrue(matches.Exists(m => m.DetectorId == "gitlab-token" && m.Line == 2), encoding);
    }

    [TestMethod]
    public void A_plus_that_json_escapes_does_not_hide_a_key()
    {
        var key = AzureKeys.Storage(new Made(9).Bytes(60)).Replace("+", "\\u002B", StringComparison.Ordinal);
        Assert.IsTrue(Secrets.In($"{{ \"Storage\": \"AccountName=shop;AccountKey={key}\" }}", "app/appsettings.json").Exists(m => m.DetectorId == "azure-storage-key"));
    }

    [TestMethod]
    public void Utf16_text_is_read_with_and_without_a_mark()
    {
        var text = $"name\r\ntoken {Token}\r\n";
        foreach (var bytes in (byte[][])[[0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)], Encoding.Unicode.GetBytes(text), [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes(text)]])
        {
            Assert.AreEqual(2, Secrets.In(bytes).Single(m => m.DetectorId == "gitlab-token").Line);
        }
    }

    [TestMethod]
    public void Literals_of_an_assembly_are_read()
    {
        byte[] bytes = [.. "MZ\0\0\0\0\0\0"u8, 1, 0x7F, 3, .. Encoding.Unicode.GetBytes($"Server=db;Database=shop;User Id=shop;Password={new Made(3).Text(Made.Word, 14)}"), 0, 0x31, 5, .. Encoding.Unicode.GetBytes(Token), 0, 9, .. new byte[64]];
        var found = Secrets.In(bytes, "app/App.dll");
        CollectionAssert.AreEquivalent(new[] { "connection-string", "gitlab-token" }, found.ConvertAll(m => m.DetectorId));
    }

    [TestMethod]
    public void Archives_are_opened_to_a_bounded_depth()
    {
        var inner = Zip(("config/app.env", $"TOKEN={Token}\n"));
        var jar = Zip(("lib/inner.zip", inner));
        var tar = Tar("files/outer.jar", jar);
        var gzip = Gzip(tar);
        Assert.AreEqual("!files/outer.jar!lib/inner.zip!config/app.env", Secrets.In(tar, "a.tar").Single().Inside);
        Assert.AreEqual("!!files/inner.zip!config/app.env", Secrets.In(Gzip(Tar("files/inner.zip", inner)), "a.tgz").Single().Inside);
        var unread = new List<string>();
        Secrets.Scanner.ScanWhole(Gzip(Gzip(gzip)), new FileContext("a.gz", true), unread.Add);
        Assert.HasCount(1, unread);
        Assert.Contains("nested deeper", unread[0]);
    }

    [TestMethod]
    public void A_bomb_is_bounded_and_said()
    {
        var unread = new List<string>();
        var bomb = Gzip(new byte[300 << 20]);
        Secrets.Scanner.ScanWhole(bomb, new FileContext("a.gz", true), unread.Add);
        Assert.HasCount(1, unread);
        Assert.Contains("more than", unread[0]);
    }

    [TestMethod]
    public void A_damaged_archive_is_no_crash()
    {
        var zip = Zip(("a.env", $"TOKEN={Token}\n"));
        var random = new Random(4);
        for (var i = 0; i < 200; i++)
        {
            var broken = (byte[])zip.Clone();
            for (var n = 0; n < 4; n++)
            {
                broken[random.Next(4, broken.Length)] = (byte)random.Next(256);
            }

            Secrets.In(broken[..random.Next(30, broken.Length)], "a.zip");
            Secrets.In(broken, "a.zip");
        }
    }

    [TestMethod]
    public void Embedded_resources_of_an_assembly_are_files_of_their_own()
    {
        // This test's own assembly embeds none; the guard's embeds its rule pages.
        var names = new List<string>();
        AssemblyResources.Read(File.ReadAllBytes(typeof(SecretsRules).Assembly.Location), (name, _) => names.Add(name));
        CollectionAssert.Contains(names, "CBG4001.md");
    }

    private static byte[] Zip(params (string Name, object Content)[] files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content as byte[] ?? Encoding.UTF8.GetBytes((string)content));
            }
        }

        return stream.ToArray();
    }

    private static byte[] Tar(string name, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var tar = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
        }

        return stream.ToArray();
    }

    private static byte[] Gzip(byte[] content)
    {
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return stream.ToArray();
    }
}
