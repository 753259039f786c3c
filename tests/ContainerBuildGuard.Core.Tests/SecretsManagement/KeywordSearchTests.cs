using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

[TestClass]
public sealed class KeywordSearchTests
{
    [TestMethod]
    public void Every_keyword_is_found_at_every_alignment_and_end()
    {
        Keyword[] keywords = [new("AKIA", false), new("password", true), new("://x", true), new("-----BEGIN ", false), new("ghp_", false), new("api_key", true), new("zzzz9", false)];
        var search = new KeywordSearch(keywords);
        var random = new Random(11);
        for (var length = 4; length < 160; length++)
        {
            for (var k = 0; k < keywords.Length; k++)
            {
                var text = Encoding.ASCII.GetBytes(keywords[k].IgnoreCase && length % 2 == 0 ? keywords[k].Text.ToUpperInvariant() : keywords[k].Text);
                if (text.Length > length)
                {
                    continue;
                }

                var bytes = new byte[length];
                random.NextBytes(bytes);
                var at = random.Next(length - text.Length + 1);
                text.CopyTo(bytes, at);
                var hits = new Hits();
                search.Search(bytes, ref hits);
                CollectionAssert.Contains(hits.Found, (at, k), $"{keywords[k].Text} at {at} of {length}");
            }
        }
    }

    [TestMethod]
    public void Letter_case_counts_where_it_is_said_to()
    {
        var search = new KeywordSearch([new("AKIA", false), new("Token", true)]);
        var hits = new Hits();
        search.Search("akia AKIA token TOKEN"u8, ref hits);
        CollectionAssert.AreEquivalent(new[] { (5, 0), (10, 1), (16, 1) }, hits.Found);
    }

    [TestMethod]
    public void It_finds_what_a_plain_search_finds_in_real_files()
    {
        var keywords = SecretDetectors.All.SelectMany(d => d.Keywords).Distinct().ToArray();
        var search = new KeywordSearch(keywords);
        var bytes = File.ReadAllBytes(typeof(SecretScanner).Assembly.Location);
        var hits = new Hits();
        search.Search(bytes, ref hits);
        var expected = new List<(int, int)>();
        for (var k = 0; k < keywords.Length; k++)
        {
            var text = Encoding.ASCII.GetBytes(keywords[k].Text);
            for (var i = 0; i + text.Length <= bytes.Length; i++)
            {
                if (keywords[k].IgnoreCase ? Ascii.EqualsIgnoreCase(bytes.AsSpan(i, text.Length), text) : bytes.AsSpan(i).StartsWith(text))
                {
                    expected.Add((i, k));
                }
            }
        }

        CollectionAssert.AreEquivalent(expected, hits.Found);
    }

    private readonly struct Hits() : IKeywordSink
    {
        public List<(int, int)> Found { get; } = [];

        public void Hit(int position, int keyword) => Found.Add((position, keyword));
    }
}
