using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ContainerBuildGuard.ContentSecurity;

[TestClass]
public sealed class ZipRecordsTests
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cbg-zip-");

    private string Zip => Path.Combine(_folder.FullName, "records.zip");

    [TestCleanup]
    public void Clean() => _folder.Delete(recursive: true);

    [TestMethod]
    public void Every_file_comes_in_order_with_its_content()
    {
        // The directory is longer than one window of it.
        var expected = Enumerable.Range(0, 4_000).Select(i => (Name: $"{new string('n', i % 50)}-{i}.json", Content: new string((char)('a' + (i % 26)), i % 300))).ToList();
        Write(File.Create(Zip), expected);
        using var zip = new ZipRecords(Zip);
        Assert.AreEqual(4_000, zip.Count);
        CollectionAssert.AreEqual(expected, zip.List().Select(r => (r.Name, Encoding.UTF8.GetString(zip.Read(r)))).ToList());
    }

    [TestMethod]
    public void Lengths_behind_the_content_stored_files_and_comments_are_understood()
    {
        // A stream that cannot go back makes the writer put lengths behind the content.
        using (var forward = new ForwardStream(File.Create(Zip)))
        {
            Write(forward, [("a.json", "deflated"), ("folder/", ""), ("b.json", "stored")], stored: "b.json", comment: "PK\u0005\u0006 is not the end");
        }

        using var zip = new ZipRecords(Zip);
        CollectionAssert.AreEqual(new[] { "deflated", "", "stored" }, zip.List().Select(r => Encoding.UTF8.GetString(zip.Read(r))).ToList());
    }

    [TestMethod]
    public void Wide_numbers_are_read_where_the_narrow_ones_do_not_fit()
    {
        File.WriteAllBytes(Zip, WideZip("a.json", "{}"u8));
        using var zip = new ZipRecords(Zip);
        var record = zip.List().Single();
        Assert.AreEqual(("a.json", 2L), (record.Name, record.Bytes));
        Assert.AreEqual("{}", Encoding.UTF8.GetString(zip.Read(record)));
    }

    [TestMethod]
    public void Whatever_byte_is_changed_or_cut_the_reader_says_so_or_reads_on()
    {
        Write(File.Create(Zip), [("a.json", new string('x', 500)), ("b.json", "{}")]);
        var good = File.ReadAllBytes(Zip);
        var bad = Path.Combine(_folder.FullName, "bad.zip");
        void Try(byte[] bytes)
        {
            File.WriteAllBytes(bad, bytes);
            try
            {
                using var zip = new ZipRecords(bad);
                foreach (var record in zip.List().Where(r => r.Bytes < 1 << 20 && r.CompressedBytes < 1 << 20))
                {
                    zip.Read(record);
                }
            }
            catch (InvalidDataException)
            {
                // What it says of a damaged zip; anything else fails the test.
            }
        }

        for (var at = 0; at < good.Length; at++)
        {
            var changed = (byte[])good.Clone();
            changed[at] ^= 0xFF;
            Try(changed);
            Try(good[..at]);
        }
    }

    [TestMethod]
    public void A_zip_that_ends_early_or_counts_wrong_is_damaged()
    {
        Write(File.Create(Zip), [("a.json", "{}"), ("b.json", "{}")]);
        var good = File.ReadAllBytes(Zip);
        var end = good.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        var counts = (byte[])good.Clone();
        BinaryPrimitives.WriteUInt16LittleEndian(counts.AsSpan(end + 10), 3);
        Assert.Contains("directory", Refused(counts));
        Assert.Contains("cut off", Refused(good[..end]));
        Assert.Contains("no zip", Refused([]));
    }

    private string Refused(byte[] bytes)
    {
        File.WriteAllBytes(Zip, bytes);
        return Assert.ThrowsExactly<InvalidDataException>(() =>
        {
            using var zip = new ZipRecords(Zip);
            foreach (var record in zip.List())
            {
                zip.Read(record);
            }
        }).Message;
    }

    private static void Write(Stream stream, IEnumerable<(string Name, string Content)> files, string stored = "", string comment = "")
    {
        using var zip = new ZipArchive(stream, ZipArchiveMode.Create) { Comment = comment };
        foreach (var (name, content) in files)
        {
            using var entry = zip.CreateEntry(name, name == stored ? CompressionLevel.NoCompression : CompressionLevel.Optimal).Open();
            entry.Write(Encoding.UTF8.GetBytes(content));
        }
    }

    /// <summary>One stored file, all of whose numbers stand in the wide fields.</summary>
    private static byte[] WideZip(string name, ReadOnlySpan<byte> content)
    {
        using var buffer = new MemoryStream();
        using var writer = new BinaryWriter(buffer);
        var text = Encoding.UTF8.GetBytes(name);
        writer.Write([.. "PK\u0003\u0004"u8, .. new byte[22]]);
        writer.Write((ushort)text.Length);
        writer.Write((ushort)0);
        writer.Write(text);
        writer.Write(content);
        var directory = buffer.Position;
        writer.Write([.. "PK\u0001\u0002"u8, .. new byte[16]]);
        writer.Write(uint.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write((ushort)text.Length);
        writer.Write((ushort)28);
        writer.Write(new byte[10]);
        writer.Write(uint.MaxValue);
        writer.Write(text);
        writer.Write((ushort)1);
        writer.Write((ushort)24);
        writer.Write((long)content.Length);
        writer.Write((long)content.Length);
        writer.Write(0L);
        var wide = buffer.Position;
        writer.Write([.. "PK\u0006\u0006"u8, .. new byte[28]]);
        writer.Write(1L);
        writer.Write(wide - directory);
        writer.Write(directory);
        writer.Write([.. "PK\u0006\u0007"u8, .. new byte[4]]);
        writer.Write(wide);
        writer.Write(1);
        writer.Write([.. "PK\u0005\u0006"u8, .. new byte[4]]);
        writer.Write(ushort.MaxValue);
        writer.Write(ushort.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write(uint.MaxValue);
        writer.Write((ushort)0);
        return buffer.ToArray();
    }

    private sealed class ForwardStream(Stream inner) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() => inner.Flush();
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

        protected override void Dispose(bool disposing)
        {
            inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
