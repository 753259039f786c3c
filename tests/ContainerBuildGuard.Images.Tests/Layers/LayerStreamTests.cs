using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Images.Layers;

[TestClass]
public sealed class LayerStreamTests
{
    private static readonly byte[] Content = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 300_000).Select(i => $"{i * 7919 % 100_003} ")));

    [TestMethod]
    [DataRow(MediaTypes.OciLayerTar)]
    [DataRow(MediaTypes.OciLayerGzip)]
    [DataRow(MediaTypes.DockerLayerGzip)]
    [DataRow(MediaTypes.OciLayerZstd)]
    public void Every_compression_gives_the_content(string type) => CollectionAssert.AreEqual(Content, Read(type, Compress(type, Content), Content));

    [TestMethod]
    public void Gzip_members_and_zstd_frames_in_a_row_are_one_content()
    {
        CollectionAssert.AreEqual(Content, Read(MediaTypes.OciLayerGzip, [.. Gzip(Content[..1000]), .. Gzip([]), .. Gzip(Content[1000..])], Content));
        CollectionAssert.AreEqual(Content, Read(MediaTypes.OciLayerZstd, [.. Zstd(Content[..1000]), .. Zstd(Content[1000..])], Content));
    }

    [TestMethod]
    [DataRow(MediaTypes.OciLayerGzip)]
    [DataRow(MediaTypes.OciLayerZstd)]
    public void What_is_cut_off_or_followed_by_something_is_refused(string type)
    {
        var good = Compress(type, Content);
        byte[][] bad = [good[..^1], good[..^9], good[..(good.Length / 2)], [.. good, 7], [.. good, .. new byte[100]], [.. good, .. good[..20]], Changed(good, good.Length / 2), []];
        foreach (var bytes in bad)
        {
            try
            {
                Read(type, bytes, Content);
                Assert.Fail($"{bytes.Length} bytes were read as if they were whole.");
            }
            catch (Exception e) when (e is InvalidDataException or EndOfStreamException or ZstdSharp.ZstdException or ImageException { Error: ImageError.DigestMismatch })
            {
            }
        }
    }

    [TestMethod]
    public void Reads_of_any_size_give_the_same_content()
    {
        var blob = Gzip(Content[..20_000]);
        var descriptor = Descriptor.Of(MediaTypes.OciLayerGzip, blob);
        using var layer = LayerStream.Open(new VerifyingStream(new MemoryStream(blob), descriptor, "test"), descriptor, Digest.Sha256(Content.AsSpan(0, 20_000)));
        var content = new List<byte>();
        for (var size = 1; ; size = (size % 130) + 1)
        {
            var buffer = new byte[size];
            var count = layer.Read(buffer);
            if (count == 0)
            {
                break;
            }

            content.AddRange(buffer[..count]);
        }

        CollectionAssert.AreEqual(Content[..20_000], content);
        layer.Finish();
    }

    [TestMethod]
    public void Another_content_than_the_diff_id_says_is_refused()
    {
        var e = Assert.ThrowsExactly<ImageException>(() => Read(MediaTypes.OciLayerGzip, Gzip(Content), [1, 2, 3]));
        Assert.AreEqual(ImageError.DigestMismatch, e.Error);
    }

    [TestMethod]
    public void Another_blob_than_the_digest_says_is_refused()
    {
        var blob = Gzip(Content);
        var descriptor = Descriptor.Of(MediaTypes.OciLayerGzip, blob);
        using var layer = LayerStream.Open(new VerifyingStream(new MemoryStream(Changed(blob, 4)), descriptor, "test"), descriptor, Digest.Sha256(Content));
        Assert.AreEqual(ImageError.DigestMismatch, Assert.ThrowsExactly<ImageException>(layer.Finish).Error);
    }

    [TestMethod]
    [DataRow(MediaTypes.OciLayerGzip)]
    [DataRow(MediaTypes.OciLayerZstd)]
    public void A_bomb_ends_at_the_limit(string type)
    {
        var zeros = new byte[64 << 20];
        var bomb = Compress(type, zeros);
        var ratio = Assert.ThrowsExactly<ImageException>(() => Read(type, bomb, zeros, new LayerLimits { RatioFrom = 1 << 20, Ratio = 50 }));
        Assert.AreEqual(ImageError.LimitExceeded, ratio.Error);
        Assert.Contains("layer-ratio", ratio.Message);
        var bytes = Assert.ThrowsExactly<ImageException>(() => Read(type, bomb, zeros, new LayerLimits { Bytes = 1 << 20 }));
        Assert.Contains("layer-bytes", bytes.Message);
    }

    [TestMethod]
    public void An_unknown_media_type_is_named()
    {
        var e = Assert.ThrowsExactly<ImageException>(() => Read("application/x-rar", Content, Content));
        Assert.AreEqual(ImageError.Unsupported, e.Error);
        Assert.Contains("application/x-rar", e.Message);
    }

    [TestMethod]
    public void A_reader_that_stops_early_leaves_no_thread_behind()
    {
        var blob = Gzip(RandomNumberGenerator.GetBytes(8 << 20));
        var descriptor = Descriptor.Of(MediaTypes.OciLayerGzip, blob);
        var stream = new MemoryStream(blob);
        using (var layer = LayerStream.Open(stream, descriptor, Digest.Sha256(Content)))
        {
            Assert.IsGreaterThan(0, layer.Read(new byte[100]));
        }

        Assert.IsFalse(stream.CanRead);
    }

    private static byte[] Read(string type, byte[] blob, byte[] content, LayerLimits? limits = null)
    {
        var descriptor = Descriptor.Of(type, blob);
        using var layer = LayerStream.Open(new VerifyingStream(new MemoryStream(blob), descriptor, "test"), descriptor, Digest.Sha256(content), limits);
        using var result = new MemoryStream();
        layer.CopyTo(result);
        layer.Finish();
        return result.ToArray();
    }

    private static byte[] Compress(string type, byte[] content) => type switch
    {
        MediaTypes.OciLayerTar => content,
        MediaTypes.OciLayerZstd => Zstd(content),
        _ => Gzip(content),
    };

    private static byte[] Gzip(byte[] content)
    {
        using var result = new MemoryStream();
        using (var gzip = new GZipStream(result, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return content.Length > 0 ? result.ToArray() : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }

    private static byte[] Zstd(byte[] content)
    {
        using var compressor = new ZstdSharp.Compressor();
        compressor.SetParameter(ZstdSharp.Unsafe.ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
        return compressor.Wrap(content).ToArray();
    }

    private static byte[] Changed(byte[] bytes, int at)
    {
        var changed = bytes.ToArray();
        changed[at] ^= 0x55;
        return changed;
    }
}
