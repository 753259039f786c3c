using System.Text.Json;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard.Policies;

[TestClass]
public sealed class PolicyLoaderTests
{
    [TestMethod]
    [DataRow("version: 2", 1, 10)]
    [DataRow("version: 1\nfail-onn: high", 2, 1)]
    [DataRow("fail-on: severe", 1, 10)]
    [DataRow("fail-on: [high]", 1, 10)]
    [DataRow("rules:\n  CBG2001: loud", 2, 12)]
    [DataRow("rules:\n  CBG0001: high", 2, 3)]
    [DataRow("waivers:\n  - code: CBG2001\n    reason: x\n    expires: 31.1.2027", 4, 14)]
    [DataRow("waivers:\n  - code: CBG2001", 2, 5)]
    [DataRow("waivers:\n  code: CBG2001", 2, 3)]
    [DataRow("controls:\n  secrets-management:\n    require-advisories: true", 3, 5)]
    [DataRow("a: &a [x]\nb: *a", 2, 4)]
    [DataRow("version: 1\n\tfail-on: high", 1, 10)]
    public void What_is_wrong_is_named_with_its_place(string text, int line, int column)
    {
        var e = Assert.ThrowsExactly<GuardException>(() => Parse(text));
        Assert.AreEqual("CBG9007", e.Code);
        Assert.AreEqual((line, column), (e.Line, e.Column), e.Message);
        Assert.AreEqual(GuardFailure.Input, e.Kind);
    }

    [TestMethod]
    public void A_typo_gets_a_suggestion() => Assert.Contains("'fail-on'", Assert.ThrowsExactly<GuardException>(() => Parse("fail-onn: high")).Message);

    [TestMethod]
    public void An_empty_file_is_the_defaults() => Assert.AreEqual(Severity.High, Parse("").FailOn);

    [TestMethod]
    public void The_documented_example_is_read()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "policy.md"));
        var yaml = text.Split("```yaml")[1].Split("```")[0];
        var policy = Parse(yaml);
        Assert.AreEqual(Severity.Critical, policy.ControlFailOn[Control.ContentSecurity]);
        Assert.AreEqual(Severity.Low, policy.ControlFailOn[Control.SecretsManagement]);
        Assert.IsNull(policy.RuleSeverities["CBG2009"]);
        Assert.AreEqual(new DateOnly(2027, 1, 31), policy.Waivers.Single().Expires);
        Assert.AreEqual("mcr.microsoft.com/dotnet/*", policy.BaseImages.Allow.Single());
    }

    [TestMethod]
    public void The_schema_knows_the_keys_that_the_reader_knows()
    {
        using var schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Repository.Root, "build", "package", "schemas", "containerbuildguard.schema.json")));
        var root = schema.RootElement;
        Check("", root.GetProperty("properties"));
        Check("waivers:\n  - ", root.GetProperty("$defs").GetProperty("waiver").GetProperty("properties"));
        Check("trust:\n  - ", root.GetProperty("$defs").GetProperty("trust-rule").GetProperty("properties"));
        Check("trust:\n  - signed-by:\n    - ", root.GetProperty("$defs").GetProperty("signer").GetProperty("properties"));
        Check("trust:\n  - attestations:\n    - ", root.GetProperty("$defs").GetProperty("attestation").GetProperty("properties"));
        Check("base-images:\n  ", root.GetProperty("properties").GetProperty("base-images").GetProperty("properties"));
        Check("base-images:\n  verify:\n  - ", root.GetProperty("$defs").GetProperty("base-image-trust").GetProperty("properties"));
        Check("controls:\n  ", root.GetProperty("properties").GetProperty("controls").GetProperty("properties"));

        // The reader's message on an unknown key lists all that it knows: the two lists must be the same.
        static void Check(string prefix, JsonElement properties)
        {
            var message = Assert.ThrowsExactly<GuardException>(() => Parse($"{prefix}no-such-key-at-all: x")).Message;
            var known = message[(message.LastIndexOf("it has ", StringComparison.Ordinal) + 7)..].TrimEnd('.').Split(", ").Order(StringComparer.Ordinal);
            CollectionAssert.AreEqual(known.ToArray(), properties.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal).ToArray());
        }
    }

    private static Policy Parse(string text) => PolicyLoader.Parse(text, "p.yaml", RuleCatalog.Codes);
}
