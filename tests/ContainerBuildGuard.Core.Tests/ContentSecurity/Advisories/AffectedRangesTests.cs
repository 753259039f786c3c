using System.Text;

namespace ContainerBuildGuard.ContentSecurity;

/// <summary>OSV's evaluation, over records as sources write them.</summary>
[TestClass]
public sealed class AffectedRangesTests
{
    [TestMethod]
    [DataRow("""{"introduced":"0"},{"fixed":"2.0.0"}""", "1.0.0", "Yes", "2.0.0")]
    [DataRow("""{"introduced":"0"},{"fixed":"2.0.0"}""", "2.0.0", "No", null)]
    [DataRow("""{"introduced":"1.0.0"},{"fixed":"2.0.0"}""", "0.9.0", "No", null)]
    [DataRow("""{"introduced":"1.0.0"}""", "99.0.0", "Yes", null)]
    [DataRow("""{"introduced":"0"},{"last_affected":"1.5.0"}""", "1.5.0", "Yes", null)]
    [DataRow("""{"introduced":"0"},{"last_affected":"1.5.0"}""", "1.5.1", "No", null)]
    // Several ranges in one, in no order.
    [DataRow("""{"introduced":"3.0.0"},{"fixed":"1.2.0"},{"introduced":"0"},{"fixed":"3.1.0"}""", "1.1.0", "Yes", "1.2.0")]
    [DataRow("""{"introduced":"3.0.0"},{"fixed":"1.2.0"},{"introduced":"0"},{"fixed":"3.1.0"}""", "2.0.0", "No", null)]
    [DataRow("""{"introduced":"3.0.0"},{"fixed":"1.2.0"},{"introduced":"0"},{"fixed":"3.1.0"}""", "3.0.5", "Yes", "3.1.0")]
    // One ends where the next begins; and one that is empty.
    [DataRow("""{"introduced":"0"},{"fixed":"2.0.0"},{"introduced":"2.0.0"},{"fixed":"3.0.0"}""", "2.0.0", "Yes", "3.0.0")]
    [DataRow("""{"introduced":"2.0.0"},{"fixed":"3.0.0"},{"introduced":"0"},{"fixed":"2.0.0"}""", "2.0.0", "Yes", "3.0.0")]
    [DataRow("""{"introduced":"1.0.0"},{"fixed":"1.0.0"}""", "1.5.0", "No", null)]
    // Limits.
    [DataRow("""{"introduced":"0"},{"limit":"2.0.0"}""", "1.0.0", "Yes", null)]
    [DataRow("""{"introduced":"0"},{"limit":"2.0.0"}""", "2.0.0", "No", null)]
    [DataRow("""{"introduced":"0"},{"limit":"*"}""", "2.0.0", "Yes", null)]
    // NuGet: four parts, case, pre-releases.
    [DataRow("""{"introduced":"0"},{"fixed":"2.0.0.0"}""", "2.0.0", "No", null)]
    [DataRow("""{"introduced":"0"},{"fixed":"2.0.0"}""", "2.0.0-rc.1", "Yes", "2.0.0")]
    [DataRow("""{"introduced":"1.0.0-beta.2"},{"fixed":"2.0.0"}""", "1.0.0-BETA.11", "Yes", "2.0.0")]
    // What cannot be ordered is said to be so.
    [DataRow("""{"introduced":"0"},{"fixed":"not a version"}""", "1.0.0", "Undetermined", null)]
    [DataRow("""{"introduced":"0"},{"fixed":"2.0.0"}""", "1.0.x", "Undetermined", null)]
    public void Events(string events, string version, string affection, string? fix)
    {
        var affected = Affected($$"""{"ranges":[{"type":"ECOSYSTEM","events":[{{events}}]}]}""");
        Assert.AreEqual((affection, fix), (AffectedRanges.Evaluate(affected, version).Affection.ToString(), AffectedRanges.Evaluate(affected, version).Fixed));
    }

    [TestMethod]
    public void Any_of_several_ranges_affects()
    {
        var affected = Affected("""{"ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"},{"fixed":"1.5.0"}]},{"type":"ECOSYSTEM","events":[{"introduced":"2.0.0"},{"fixed":"2.5.0"}]}]}""");
        Assert.AreEqual((Affection.Yes, "2.5.0"), AffectedRanges.Evaluate(affected, "2.4.0"));
        Assert.AreEqual(Affection.No, AffectedRanges.Evaluate(affected, "1.9.0").Affection);
    }

    [TestMethod]
    public void Listed_versions_affect_where_no_range_does_and_are_not_kept_twice()
    {
        var affected = Affected("""{"versions":["1.0.0","1.1.0","7.0.0"],"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.0.0"}]}]}""");
        CollectionAssert.AreEqual(new[] { "7.0.0" }, affected.Versions.ToArray());
        Assert.AreEqual(Affection.Yes, AffectedRanges.Evaluate(affected, "7.0.0").Affection);
        Assert.AreEqual(Affection.Yes, AffectedRanges.Evaluate(affected, "1.1.0").Affection);
        Assert.AreEqual(Affection.No, AffectedRanges.Evaluate(affected, "6.0.0").Affection);
    }

    [TestMethod]
    public void Ranges_of_commits_say_nothing_of_versions()
    {
        var affected = Affected("""{"versions":["1.0.0"],"ranges":[{"type":"GIT","repo":"x","events":[{"introduced":"0"}]}]}""");
        Assert.AreEqual(Affection.Yes, AffectedRanges.Evaluate(affected, "1.0.0").Affection);
        Assert.AreEqual(Affection.No, AffectedRanges.Evaluate(affected, "2.0.0").Affection);
    }

    [TestMethod]
    public void A_record_that_names_a_package_and_no_versions_decides_nothing() =>
        Assert.AreEqual(Affection.Undetermined, AffectedRanges.Evaluate(Affected("{}"), "1.0.0").Affection);

    [TestMethod]
    [DataRow("Ubuntu:24.04:LTS", "Ubuntu", "24.04")]
    [DataRow("Ubuntu:Pro:22.04:LTS", "Ubuntu", "Pro:22.04")]
    [DataRow("Debian:12", "Debian", "12")]
    [DataRow("Alpine:v3.22", "Alpine", "v3.22")]
    [DataRow("Azure Linux:3", "Azure Linux", "3")]
    [DataRow("NuGet", "NuGet", "")]
    public void Release_suffixes(string ecosystem, string name, string release)
    {
        var affected = Read($$$"""{"id":"X","affected":[{"package":{"ecosystem":"{{{ecosystem}}}","name":"p"}}]}""").Affected.Single();
        Assert.AreEqual((name, release), (affected.Ecosystem, affected.Release));
    }

    [TestMethod]
    public void Severity_is_the_sources_word_and_the_newest_vectors_score()
    {
        var advisory = Read("""
            {"id":"GHSA-x","summary":"s","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"},{"type":"CVSS_V4","score":"CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}],
             "database_specific":{"severity":"MODERATE"},"affected":[]}
            """);
        Assert.AreEqual(Findings.Severity.Medium, advisory.Severity);
        Assert.AreEqual(7.3, advisory.Cvss);
        Assert.AreEqual(Findings.Severity.High, Read("""{"id":"ALSA-1","summary":"Important: x update","affected":[{"package":{"ecosystem":"AlmaLinux:9","name":"x"}}]}""").Severity);
        Assert.AreEqual(Findings.Severity.Low, Read("""{"id":"U","affected":[{"package":{"ecosystem":"Ubuntu:24.04:LTS","name":"x"},"severity":[{"type":"Ubuntu","score":"negligible"}]}]}""").Affected[0].Severity);
        Assert.AreEqual(Findings.FixState.EndOfLife, Read("""{"id":"D","affected":[{"package":{"ecosystem":"Debian:11","name":"x"},"ecosystem_specific":{"status":"end-of-life"}}]}""").Affected[0].State);
        Assert.AreEqual(Findings.FixState.WillNotFix, Read("""{"id":"D","affected":[{"package":{"ecosystem":"Debian:11","name":"x"},"database_specific":{"fix_state":"Will not fix"}}]}""").Affected[0].State);
    }

    [TestMethod]
    [DataRow("[]")]
    [DataRow("{}")]
    [DataRow("{\"id\":3}")]
    [DataRow("{\"id\":\"X\",\"affected\":[{")]
    [DataRow("{\"id\":\"X\",\"affected\":[{\"package\":{\"ecosystem\":\"NuGet\",\"name\":\"p\"},\"ranges\":[{\"type\":\"SEMVER\",\"events\":[{\"fixed\":1}]}]}]}")]
    [DataRow("not json")]
    public void What_is_no_record_is_refused(string json) => Assert.Throws<System.Text.Json.JsonException>(() => OsvReader.Read(Encoding.UTF8.GetBytes(json)));

    [TestMethod]
    public void A_withdrawn_record_is_none() => Assert.IsNull(OsvReader.Read("""{"id":"X","withdrawn":"2026-01-01T00:00:00Z"}"""u8));

    /// <summary>A record's <c>affected</c> entry with these members beside its package.</summary>
    private static AffectedPackage Affected(string json)
    {
        var members = json.Trim()[1..^1];
        return AffectedRanges.Normalise(Read("{\"id\":\"X\",\"affected\":[{\"package\":{\"ecosystem\":\"NuGet\",\"name\":\"p\"}" + (members.Length == 0 ? "" : ",") + members + "}]}").Affected.Single());
    }

    private static Advisory Read(string json) => OsvReader.Read(Encoding.UTF8.GetBytes(json))!;
}
