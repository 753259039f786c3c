using System.Globalization;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>Scores by the specifications' own examples, and by vectors that an independent calculator scored.</summary>
[TestClass]
public sealed class CvssTests
{
    [TestMethod]
    // FIRST's examples: CVSS v4.0, v3.1 and v2 user guides and calculators.
    [DataRow("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.3)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H", 10.0)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", 0.0)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", 7.7)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N", 8.8)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1)]
    [DataRow("CVSS:3.0/AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N", 6.4)]
    [DataRow("CVSS:3.1/AV:N/AC:H/PR:L/UI:R/S:U/C:H/I:N/A:N/E:U/RL:O/RC:C", 4.8)]
    [DataRow("CVSS:3.0/AV:L/AC:H/PR:L/UI:N/S:U/C:N/I:N/A:N", 0.0)]
    [DataRow("AV:N/AC:L/Au:N/C:N/I:N/A:C", 7.8)]
    [DataRow("AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0)]
    [DataRow("AV:L/AC:H/Au:N/C:C/I:C/A:C", 6.2)]
    // Random vectors as another calculator scores them.
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:A/VC:N/VI:H/VA:N/SC:L/SI:L/SA:N/E:U/CR:M/IR:M/AR:M", 1.9)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:N/VA:H/SC:L/SI:L/SA:L", 7.2)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:P/VC:L/VI:N/VA:N/SC:H/SI:H/SA:H", 6.4)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:H/VI:N/VA:H/SC:N/SI:L/SA:N/E:P", 5.7)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:A/VC:L/VI:H/VA:L/SC:L/SI:N/SA:N/CR:H/IR:L/AR:H", 5.3)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:N/VI:H/VA:H/SC:N/SI:H/SA:H", 8.4)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:P/VC:H/VI:H/VA:L/SC:N/SI:N/SA:L/E:A", 8.4)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:N/VI:L/VA:L/SC:N/SI:N/SA:N", 5.1)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:H/VI:H/VA:H/SC:L/SI:H/SA:N/CR:H/IR:H/AR:L", 9.2)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:P/VC:N/VI:H/VA:L/SC:H/SI:H/SA:L/E:P", 7.1)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:A/VC:L/VI:N/VA:N/SC:L/SI:N/SA:H", 6.0)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:P/VC:N/VI:L/VA:H/SC:L/SI:H/SA:H", 8.4)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:L/VA:H/SC:H/SI:L/SA:H/E:P/CR:M/IR:M/AR:L", 5.7)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:N/VC:L/VI:N/VA:H/SC:L/SI:L/SA:H", 8.4)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:L/VI:N/VA:L/SC:N/SI:L/SA:N", 5.3)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:P/VC:L/VI:L/VA:H/SC:L/SI:N/SA:N/E:A", 7.2)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:A/VC:H/VI:H/VA:N/SC:H/SI:H/SA:L/CR:L/IR:M/AR:H", 8.6)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:H/VA:H/SC:H/SI:L/SA:N", 9.2)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:A/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N/E:A", 8.3)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:H/UI:A/VC:H/VI:N/VA:N/SC:H/SI:L/SA:N", 8.1)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:L/SI:L/SA:N/CR:H/IR:M/AR:M", 6.9)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:N/VA:N/SC:L/SI:N/SA:L/E:P", 5.5)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:N/VC:N/VI:H/VA:L/SC:H/SI:L/SA:H", 8.5)]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:P/VC:H/VI:L/VA:H/SC:L/SI:L/SA:N", 7.1)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:L", 4.3)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:H", 9.1)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", 7.5)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:N", 5.4)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:H/A:N", 8.2)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L", 5.3)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:L/I:H/A:H", 6.7)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:L/I:L/A:L", 6.3)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:L/I:N/A:N", 2.7)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:L/A:L", 5.4)]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:H/UI:N/S:U/C:N/I:N/A:L", 2.7)]
    [DataRow("AV:A/AC:M/Au:N/C:N/I:C/A:N", 5.7)]
    [DataRow("AV:L/AC:L/Au:S/C:C/I:N/A:N", 4.6)]
    [DataRow("AV:L/AC:M/Au:S/C:P/I:N/A:P", 3.0)]
    [DataRow("AV:L/AC:H/Au:S/C:C/I:P/A:P", 5.0)]
    [DataRow("AV:L/AC:L/Au:M/C:C/I:N/A:P", 5.0)]
    [DataRow("AV:A/AC:H/Au:N/C:P/I:N/A:C", 5.3)]
    [DataRow("AV:A/AC:M/Au:S/C:P/I:N/A:C", 5.8)]
    [DataRow("AV:A/AC:L/Au:S/C:P/I:N/A:C", 6.2)]
    [DataRow("AV:L/AC:M/Au:M/C:C/I:C/A:C", 6.3)]
    [DataRow("AV:A/AC:L/Au:S/C:C/I:C/A:C", 7.7)]
    public void Scores(string vector, double expected) => Assert.AreEqual(expected, Ratings.Score(vector)!.Value.Score, vector);

    [TestMethod]
    [DataRow("")]
    [DataRow("CVSS:4.0/AV:N/AC:L")]
    [DataRow("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H/AV:L")]
    [DataRow("CVSS:4.0/AV:Q/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H")]
    [DataRow("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/C:H/I:H/A:H")]
    [DataRow("CVSS:3.2/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")]
    [DataRow("CVSS:5.0/AV:N")]
    [DataRow("AV:N/AC:L/Au:N/C:P")]
    [DataRow("high")]
    public void What_is_no_complete_vector_has_no_score(string vector) => Assert.IsNull(Ratings.Score(vector));

    [TestMethod]
    [DataRow(9.0, "Critical")]
    [DataRow(8.9, "High")]
    [DataRow(6.9, "Medium")]
    [DataRow(3.9, "Low")]
    [DataRow(0.0, "Low")]
    public void Scores_are_words_by_the_qualitative_scale(double score, string word) => Assert.AreEqual(word, Ratings.OfScore(score).ToString());

    /// <summary>Holds many vectors against a list, where <c>CONTAINERBUILDGUARD_CVSS_LIST</c> names one ("vector score" a line).</summary>
    [TestMethod]
    public void A_list_of_vectors_scores_as_it_says()
    {
        if (Environment.GetEnvironmentVariable("CONTAINERBUILDGUARD_CVSS_LIST") is not { Length: > 0 } list)
        {
            Assert.Inconclusive("CONTAINERBUILDGUARD_CVSS_LIST names no list of scored vectors.");
            return;
        }

        var wrong = File.ReadLines(list).Select(l => l.Split(' ')).Where(l => Ratings.Score(l[0])?.Score != double.Parse(l[1], CultureInfo.InvariantCulture)).Select(l => $"{l[0]}: {Ratings.Score(l[0])?.Score}, not {l[1]}").ToList();
        Assert.IsEmpty(wrong, string.Join('\n', wrong.Take(20)));
    }
}
