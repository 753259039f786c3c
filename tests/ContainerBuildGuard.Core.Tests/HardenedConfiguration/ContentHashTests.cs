using System.Text;

namespace ContainerBuildGuard.HardenedConfiguration;

[TestClass]
public sealed class ContentHashTests
{
    /// <summary>The values of XXH64 with seed 0, as other implementations give them.</summary>
    [TestMethod]
    [DataRow("", 0xEF46DB3751D8E999)]
    [DataRow("a", 0xD24EC4F1A98C6E5B)]
    [DataRow("abc", 0x44BC2CF5AD770999UL)]
    [DataRow("Nobody inspects the spammish repetition", 0xFBCEA83C8A378BF1)]
    public void A_known_text_has_its_known_value(string text, ulong value) => Assert.AreEqual(value, Of(Encoding.ASCII.GetBytes(text), text.Length + 1));

    [TestMethod]
    public void The_pieces_that_it_comes_in_do_not_count()
    {
        var random = new Random(7);
        foreach (var length in (int[])[1, 31, 32, 33, 63, 64, 1000, 70_001])
        {
            var bytes = new byte[length];
            random.NextBytes(bytes);
            var whole = Of(bytes, length);
            foreach (var piece in (int[])[1, 5, 31, 32, 33, 64, 4096])
            {
                Assert.AreEqual(whole, Of(bytes, piece), $"{length} bytes in pieces of {piece}");
            }

            bytes[length / 2] ^= 1;
            Assert.AreNotEqual(whole, Of(bytes, length));
        }
    }

    private static ulong Of(byte[] bytes, int piece)
    {
        var hash = new ContentHash();
        foreach (var part in bytes.Chunk(piece))
        {
            hash.Append(part);
        }

        return hash.Value();
    }
}
