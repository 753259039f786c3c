using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

[TestClass]
public sealed class ShapeTests
{
    [TestMethod]
    [DataRow(@"ab_\d{3}", "ab_123", true)]
    [DataRow(@"ab_\d{3}", "ab_12", false)]
    [DataRow(@"ab_\d{3}", "ab_1234", false)]
    [DataRow(@"ab_\d{2,4}", "ab_1234", true)]
    [DataRow(@"ab_(live|test)_\h{4}", "ab_test_00ff", true)]
    [DataRow(@"ab_(live|test)_\h{4}", "ab_prod_00ff", false)]
    [DataRow(@"ab_\d{2}(-X)?", "ab_12-X", true)]
    [DataRow(@"\d{3}<.mid.>\w{2,}", "123.mid.ab", true)]
    [DataRow(@"\d{3}<.mid.>\w{2,}", "23.mid.ab", false)]
    [DataRow(@"s-[a-z-]{2,9}<MARK>\d", "s-a-b-cMARK1", true)]
    [DataRow(@"<one|two>\d{2}", "two22", true)]
    [DataRow(@"<k_[0-3]>\d{2}", "k_299", true)]
    public void A_notation_means_what_it_says(string notation, string text, bool matches)
    {
        var bytes = Encoding.ASCII.GetBytes($" {text} ");
        var shape = ShapeParser.Parse(notation);
        var found = ShapeParser.Anchors(notation).Any(a => text.IndexOf(a, StringComparison.Ordinal) is >= 0 and var at && shape.TryMatch(bytes, at + 1, a.Length, out var start, out var end) && start == 1 && end == text.Length + 1);
        Assert.AreEqual(matches, found);
    }

    [TestMethod]
    public void A_token_inside_a_longer_word_is_none()
    {
        var shape = ShapeParser.Parse(@"tok_\d{3}");
        Assert.IsFalse(shape.TryMatch("atok_123"u8, 1, 4, out _, out _));
        Assert.IsFalse(shape.TryMatch("tok_123z"u8, 0, 4, out _, out _));
        Assert.IsTrue(shape.TryMatch("\\ntok_123"u8, 2, 4, out _, out _));
        Assert.IsTrue(shape.TryMatch("%3Dtok_123"u8, 3, 4, out _, out _));
    }

    [TestMethod]
    [DataRow(@"ab\q")]
    public void A_wrong_notation_is_an_error(string notation) => Assert.ThrowsExactly<FormatException>(() => ShapeParser.Parse(notation));

    [TestMethod]
    public void Every_detector_can_be_read()
    {
        foreach (var detector in SecretDetectors.All.Where(d => d.Notation is not null))
        {
            ShapeParser.Parse(detector.Notation!);
        }
    }
}
