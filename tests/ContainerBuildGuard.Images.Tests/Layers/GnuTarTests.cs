using System.Text;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Images.Layers;

/// <summary>What GNU tar writes is read: long names, links, sparse files, in every format that it knows.</summary>
[TestClass]
public sealed class GnuTarTests
{
    [TestMethod]
    [DataRow("v7")]
    [DataRow("oldgnu")]
    [DataRow("gnu")]
    [DataRow("ustar")]
    [DataRow("posix")]
    public async Task Archives_of_the_program_are_read(string format)
    {
        if (!ProcessRunner.Exists("tar"))
        {
            Assert.Inconclusive("This machine lacks tar.");
        }

        var folder = Directory.CreateTempSubdirectory("cbg-tar-");
        try
        {
            var root = Directory.CreateDirectory(Path.Combine(folder.FullName, "root")).FullName;
            var name = format == "v7" ? "file" : $"{new string('d', 80)}/{new string('f', 80)}";
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, name))!);
            await File.WriteAllTextAsync(Path.Combine(root, name), "content");
            File.CreateSymbolicLink(Path.Combine(root, "link"), name[..Math.Min(name.Length, 90)]);
            await using (var sparse = File.Create(Path.Combine(root, "sparse")))
            {
                sparse.Seek(3 << 20, SeekOrigin.Begin);
                sparse.Write("end"u8);
            }

            var tar = Path.Combine(folder.FullName, "a.tar");
            await ProcessRunner.MustAsync("tar", ["-C", root, $"--format={format}", .. format is "v7" or "ustar" ? (string[])[] : ["--sparse"], "-cf", tar, "."]);
            var found = Read(tar);
            Assert.AreEqual("content", found[$"./{name}"].Content);
            Assert.AreEqual(TarKind.SymbolicLink, found["./link"].Header.Kind);
            Assert.AreEqual((3 << 20) + 3, found["./sparse"].Header.LogicalSize);
            Assert.AreEqual(format is not ("v7" or "ustar"), found["./sparse"].Header.IsSparse);
            Assert.EndsWith("end", found["./sparse"].Content.TrimEnd('\0'));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Dictionary<string, (TarHeader Header, string Content)> Read(string path)
    {
        using var stream = File.OpenRead(path);
        using var reader = new TarReader(stream);
        var found = new Dictionary<string, (TarHeader, string)>(StringComparer.Ordinal);
        while (reader.MoveNext())
        {
            var content = new byte[reader.ContentLeft];
            reader.Read(content);
            found[reader.Current.Name] = (reader.Current, Encoding.Latin1.GetString(content));
        }

        return found;
    }
}
