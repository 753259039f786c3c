using System.Reflection;
using System.Text.RegularExpressions;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard;

/// <summary>Every rule is complete: one code, one page, one place in its control's block.</summary>
[TestClass]
public sealed class RuleCatalogTests
{
    public static IEnumerable<object[]> Rules => RuleCatalog.All.Select(r => new object[] { r.Code });

    [TestMethod]
    public void Codes_are_unique() =>
        Assert.HasCount(RuleCatalog.All.Length, RuleCatalog.Codes);

    [TestMethod]
    [DynamicData(nameof(Rules))]
    public void A_rule_has_a_page_that_begins_with_its_title(string code)
    {
        var rule = RuleCatalog.Find(code)!;
        var page = rule.ReadPage();
        Assert.StartsWith($"# {rule.Code}: {rule.Title}\n", page);
        Assert.IsGreaterThan(200, page.Length, "The page says too little.");
    }

    /// <summary>Pages of hardened configuration say what, why, how to fix it, an example of both kinds, the references of the rule and how to live with it.</summary>
    [TestMethod]
    [DynamicData(nameof(Rules))]
    public void A_page_of_hardened_configuration_has_every_part(string code)
    {
        var rule = RuleCatalog.Find(code)!;
        if (rule.Control != Control.HardenedConfiguration)
        {
            return;
        }

        var page = rule.ReadPage();
        foreach (var part in (string[])["How to fix", "Example", "References", "How to waive"])
        {
            Assert.MatchesRegex(new Regex($"\n## {part}\n[^\n#]"), page, part);
        }

        foreach (var reference in rule.References)
        {
            Assert.Contains($"\n- {reference}\n", page);
        }
    }

    [TestMethod]
    [DynamicData(nameof(Rules))]
    public void A_code_stands_in_its_controls_block(string code)
    {
        var block = RuleCatalog.Find(code)!.Control switch
        {
            Control.ContentSecurity => '1',
            Control.HardenedConfiguration => '2',
            Control.ContentTrust => '3',
            Control.SecretsManagement => '4',
            Control.HostSecurity => '5',
            _ => '9',
        };
        Assert.MatchesRegex(new Regex($"^CBG{block}[0-9]{{3}}$"), code);
    }

    [TestMethod]
    public void The_index_in_the_docs_is_current() =>
        Assert.AreEqual(RuleIndex.ToMarkdown(), File.ReadAllText(RuleIndex.Path), "Run `dotnet run build/docs.cs`.");

    [TestMethod]
    public void Every_embedded_page_belongs_to_a_rule()
    {
        var pages = typeof(Rule).Assembly.GetManifestResourceNames().Where(n => n.StartsWith("CBG", StringComparison.Ordinal)).Select(n => Path.GetFileNameWithoutExtension(n)).ToList();
        CollectionAssert.IsSubsetOf(pages, RuleCatalog.Codes.ToList());
    }

    [TestMethod]
    public void Every_rule_declared_in_core_is_in_the_catalogue()
    {
        var declared = typeof(Rule).Assembly.GetTypes()
            .SelectMany(t => t.GetProperties(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(p => p.PropertyType == typeof(Rule))
            .Select(p => ((Rule)p.GetValue(null)!).Code)
            .Distinct()
            .ToList();
        CollectionAssert.IsSubsetOf(declared, RuleCatalog.Codes.ToList());
    }
}
