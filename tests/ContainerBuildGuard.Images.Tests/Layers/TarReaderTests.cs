using System.Formats.Tar;
using System.Text;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Images.Layers;

[TestClass]
public sealed class TarReaderTests
{
    [TestMethod]
    [DataRow(TarEntryFormat.V7)]
    [DataRow(TarEntryFormat.Ustar)]
    [DataRow(TarEntryFormat.Pax)]
    [DataRow(TarEntryFormat.Gnu)]
    public void What_the_framework_writes_is_read(TarEntryFormat format)
    {
        var longName = format == TarEntryFormat.V7 ? "short" : $"{new string('d', 90)}/{new string('n', 60)}";
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, format, leaveOpen: true))
        {
            TarEntry Entry(TarEntryType type, string name) => format switch
            {
                TarEntryFormat.V7 => new V7TarEntry(type, name),
                TarEntryFormat.Ustar => new UstarTarEntry(type, name),
                TarEntryFormat.Pax => new PaxTarEntry(type, name),
                _ => new GnuTarEntry(type, name),
            };
            var file = Entry(format == TarEntryFormat.V7 ? TarEntryType.V7RegularFile : TarEntryType.RegularFile, longName);
            (file.Mode, file.Uid, file.Gid, file.DataStream) = ((UnixFileMode)0b100_111_101_000, 1654, 7, new MemoryStream("content"u8.ToArray()));
            writer.WriteEntry(file);
            writer.WriteEntry(Entry(TarEntryType.Directory, "folder/"));
            var link = Entry(TarEntryType.SymbolicLink, "link");
            link.LinkName = "folder/target";
            writer.WriteEntry(link);
        }

        using var reader = Open(stream.ToArray());
        Assert.IsTrue(reader.MoveNext());
        Assert.AreEqual((longName, TarKind.File, 0b100_111_101_000, 1654, 7), (reader.Current.Name, reader.Current.Kind, reader.Current.Mode, reader.Current.UserId, reader.Current.GroupId));
        Assert.AreEqual("content", Encoding.UTF8.GetString(reader.Peek().Span));
        Assert.IsTrue(reader.MoveNext());
        Assert.AreEqual(TarKind.Directory, reader.Current.Kind);
        Assert.IsTrue(reader.MoveNext());
        Assert.AreEqual("folder/target", reader.Current.LinkName);
        Assert.IsFalse(reader.MoveNext());
        Assert.IsFalse(reader.Drain());
    }

    [TestMethod]
    public void Numbers_past_octal_are_base_256()
    {
        using var reader = Open(new RawTar().Entry("f", change: b => new byte[] { 0x80, 0, 0, 0, 0, 0, 0x06, 0x76 }.CopyTo(b, 108)).End());
        reader.MoveNext();
        Assert.AreEqual(1654, reader.Current.UserId);
    }

    [TestMethod]
    public void Extensions_say_what_the_header_cannot()
    {
        using var reader = Open(new RawTar()
            .Pax(("path", "the/real/name"), ("size", "3"), ("uid", "70000"), ("SCHILY.xattr.security.capability", "\u0001\u0000\u00ff"), ("linkpath", ""))
            .Entry("other", content: "abc", size: "00000000000\0").End());
        reader.MoveNext();
        Assert.AreEqual(("the/real/name", 3L, 70000), (reader.Current.Name, reader.Current.Size, reader.Current.UserId));
        Assert.AreEqual("\u0001\u0000\u00ff", reader.Current.ExtendedAttributes["SCHILY.xattr.security.capability"]);
        Assert.IsFalse(reader.MoveNext());
    }

    [TestMethod]
    public void An_empty_record_keeps_what_the_header_has()
    {
        using var reader = Open(new RawTar().Pax(("path", "")).Entry("kept").End());
        reader.MoveNext();
        Assert.AreEqual("kept", reader.Current.Name);
    }

    [TestMethod]
    public void Global_headers_are_passed_over_and_long_names_of_gnu_win()
    {
        var name = new string('x', 300);
        using var reader = Open(new RawTar().Entry("g", 'g', "17 path=ignored\n\n").Entry("././@LongLink", 'L', name + "\0").Entry("short").End());
        reader.MoveNext();
        Assert.AreEqual(name, reader.Current.Name);
    }

    [TestMethod]
    public void Links_have_no_content_whatever_their_size_says()
    {
        using var reader = Open(new RawTar().Entry("a", '1', size: "00000001000\0", link: "b").Entry("next").End());
        reader.MoveNext();
        Assert.IsTrue(reader.MoveNext());
        Assert.AreEqual("next", reader.Current.Name);
    }

    [TestMethod]
    public void A_file_larger_than_the_window_comes_in_parts()
    {
        var content = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"{i:0000000}"));
        using var reader = Open(new RawTar().Entry("big", content: content).Entry("next", content: "n").End());
        reader.MoveNext();
        var read = new StringBuilder();
        while (reader.ContentLeft > 0)
        {
            var part = reader.Peek(10_000);
            read.Append(Encoding.Latin1.GetString(part.Span));
            reader.Advance(part.Length);
        }

        Assert.AreEqual(content, read.ToString());
        reader.MoveNext();
        Assert.AreEqual("n", Encoding.Latin1.GetString(reader.Peek().Span));
    }

    [TestMethod]
    [DataRow("-size", DisplayName = "negative size in PAX")]
    [DataRow("-gnu", DisplayName = "negative size in base 256")]
    [DataRow("overflow", DisplayName = "size past 64 bits")]
    [DataRow("checksum", DisplayName = "wrong checksum")]
    [DataRow("lie", DisplayName = "content shorter than its size")]
    [DataRow("pax", DisplayName = "PAX record that lies about its length")]
    [DataRow("zero", DisplayName = "zero byte in a PAX path")]
    [DataRow("between", DisplayName = "block of zeros between entries")]
    [DataRow("header", DisplayName = "cut header")]
    [DataRow("extension", DisplayName = "extension without an entry")]
    [DataRow("letters", DisplayName = "size in letters")]
    public void What_is_broken_is_said_to_be(string how)
    {
        var tar = new RawTar();
        var bytes = how switch
        {
            "-size" => tar.Pax(("size", "-1")).Entry("f").End(),
            "-gnu" => tar.Entry("f", change: b => b.AsSpan(124, 12).Fill(0xFF)).End(),
            "overflow" => tar.Entry("f", change: b => b.AsSpan(124, 12).Fill(0xBF)).End(),
            "checksum" => Changed(tar.Entry("f").End(), 3),
            "lie" => tar.Entry("f", content: "abc", size: "00000777777\0").End(),
            "pax" => tar.Entry("x", 'x', "99 path=a\n").Entry("f").End(),
            "zero" => tar.Pax(("path", "a\0b")).Entry("f").End(),
            "between" => tar.Entry("a").Bytes(new byte[512]).Entry("b").End(),
            "header" => tar.Entry("a").Bytes(1, 2, 3).ToArray(),
            "extension" => tar.Pax(("path", "a")).End(),
            _ => tar.Entry("f", size: "notanumber!\0").End(),
        };
        Assert.ThrowsExactly<InvalidDataException>(() => ReadAll(bytes));
    }

    [TestMethod]
    public void Limits_are_named()
    {
        var many = new RawTar();
        for (var i = 0; i < 20; i++)
        {
            many.Entry($"f{i}");
        }

        var entries = Assert.ThrowsExactly<ImageException>(() => ReadAll(many.End(), new LayerLimits { Entries = 10 }));
        Assert.AreEqual(ImageError.LimitExceeded, entries.Error);
        Assert.Contains("layer-entries", entries.Message);
        var header = Assert.ThrowsExactly<ImageException>(() => ReadAll(new RawTar().Entry("x", 'x', size: "77777777777\0").End()));
        Assert.AreEqual(ImageError.LimitExceeded, header.Error);
        Assert.Contains("header-bytes", header.Message);
    }

    [TestMethod]
    public void Bytes_behind_the_end_are_noticed()
    {
        using var reader = Open([.. new RawTar().Entry("f").End(), .. new byte[600], 1]);
        while (reader.MoveNext())
        {
        }

        Assert.IsTrue(reader.Drain());
    }

    [TestMethod]
    public void Cut_anywhere_it_ends_or_complains()
    {
        var bytes = new RawTar().Pax(("path", "name")).Entry("f", content: "hello").Entry("g", '2', link: "f").End();
        for (var length = 0; length < bytes.Length; length++)
        {
            try
            {
                ReadAll(bytes[..length]);
            }
            catch (InvalidDataException)
            {
            }
        }
    }

    internal static int ReadAll(byte[] bytes, LayerLimits? limits = null)
    {
        using var stream = new ForwardOnly(bytes);
        using var reader = new TarReader(stream, limits);
        var entries = 0;
        while (reader.MoveNext())
        {
            entries++;
            while (reader.ContentLeft > 0)
            {
                reader.Advance(reader.Peek(1000).Length);
            }
        }

        reader.Drain();
        return entries;
    }

    private static TarReader Open(byte[] bytes) => new(new ForwardOnly(bytes));

    private static byte[] Changed(byte[] bytes, int at)
    {
        bytes[at] ^= 1;
        return bytes;
    }

    /// <summary>Reads of odd sizes, and no seeking, as from a decompressor.</summary>
    private sealed class ForwardOnly(byte[] bytes) : ForwardStream
    {
        private int _position;

        public override int Read(Span<byte> buffer)
        {
            var count = Math.Min(Math.Min(buffer.Length, 777), bytes.Length - _position);
            bytes.AsSpan(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }
    }
}
