namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>The checksum; what is made of it is tested with CBG2070.</summary>
[TestClass]
public sealed class LargeFilesTests
{
    [TestMethod]
    public void It_is_CRC_32C() => Assert.AreEqual(0xE3069283, ~LargeFiles.Visitor.Append(uint.MaxValue, "123456789"u8));

    [TestMethod]
    public void The_pieces_that_content_comes_in_do_not_count()
    {
        var random = new Random(7);
        foreach (var length in (int[])[1, 7, 8, 9, 1000, 70_001])
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var whole = Of(bytes, length);
            foreach (var piece in (int[])[1, 5, 8, 33, 4096])
            {
                Assert.AreEqual(whole, Of(bytes, piece), $"{length} bytes in pieces of {piece}");
            }

            bytes[length / 2] ^= 1;
            Assert.AreNotEqual(whole, Of(bytes, length));
        }
    }

    private static uint Of(byte[] bytes, int piece) => bytes.Chunk(piece).Aggregate(0u, (checksum, part) => LargeFiles.Visitor.Append(checksum, part));
}
