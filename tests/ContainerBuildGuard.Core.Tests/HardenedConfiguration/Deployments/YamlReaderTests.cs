using System.Text;

namespace ContainerBuildGuard.HardenedConfiguration.Deployments;

[TestClass]
public sealed class YamlReaderTests
{
    [TestMethod]
    public void A_broken_document_costs_the_others_nothing()
    {
        var read = Read("a: 1\n---\nb: [1\n---\nc: 3\n");
        Assert.HasCount(2, read.Documents);
        Assert.IsGreaterThanOrEqualTo(3, read.Problems.Single().Line);
    }

    [TestMethod]
    public void A_tab_is_named_as_one() => Assert.Contains("a tab", Read("a:\n\tb: 1\n").Problems.Single().Reason);

    [TestMethod]
    public void A_template_is_named_as_one() => Assert.Contains("not rendered", Read("a:\n{{- if .Values.x }}\n  b: 1\n{{- end }}\n").Problems.Single().Reason);

    [TestMethod]
    public void A_key_that_stands_twice_is_placed()
    {
        var problem = Read("a: 1\nb:\n  c: 1\n  c: 2\n").Problems.Single();
        Assert.AreEqual((4, 3, true), (problem.Line, problem.Column, problem.StillChecked));
    }

    [TestMethod]
    public void An_alias_bomb_is_stopped()
    {
        var bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 12; i++)
        {
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(", ", Enumerable.Repeat($"*a{i - 1}", 9))}]\n");
        }

        Assert.Contains("grow it", Read(bomb.ToString()).Problems.Single().Reason);
    }

    [TestMethod]
    public void Depth_is_bounded() => Assert.Contains("levels", Read(new string('[', 100_000)).Problems.Single().Reason);

    [TestMethod]
    public void Size_is_bounded() => Assert.Contains("over the limit", Read(new string('#', YamlReader.MostCharacters + 1)).Problems.Single().Reason);

    [TestMethod]
    [DataRow("*a")]
    [DataRow("a: *b")]
    [DataRow("\0")]
    [DataRow("? [a]\n: b\n")]
    [DataRow("\"a")]
    [DataRow("%YAML 9.9\n---\na: 1\n")]
    [DataRow("&a [*a]")]
    public void Strange_input_is_a_problem_and_not_a_crash(string text) => Read(text);

    [TestMethod]
    public void Merge_keys_bring_what_is_not_set()
    {
        var root = Read("base: &b { x: 1, y: 2 }\nother:\n  <<: *b\n  y: 3\n").Documents.Single();
        Assert.AreEqual(("1", "3"), (root.Text("other", "x"), root.Text("other", "y")));
        Assert.AreEqual("$.other.x", root.At("other", "x")!.JsonPath);
    }

    [TestMethod]
    public void Places_are_those_of_the_whole_stream()
    {
        var root = Read("a: 1\n---\n# remark\nb:\n  c: here\n").Documents[1];
        var place = root.At("b", "c")!.Place;
        Assert.AreEqual((5, 6), (place.Line, place.Column));
        Assert.AreEqual("here", "a: 1\n---\n# remark\nb:\n  c: here\n"[place.Start..place.End]);
    }

    private static ReadDocuments Read(string text) => YamlReader.Read(new SourceText("test.yaml", text));
}
