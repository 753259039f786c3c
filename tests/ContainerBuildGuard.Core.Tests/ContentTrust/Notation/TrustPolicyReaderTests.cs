using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.Notation;

[TestClass]
public sealed class TrustPolicyReaderTests
{
    private const string Good = """
        {"version":"1.0","trustPolicies":[
          {"name":"mine","registryScopes":["registry.example.com:5000/team/app","registry.example.com/team/other"],
           "signatureVerification":{"level":"strict","override":{"expiry":"log","revocation":"skip"},"verifyTimestamp":"afterCertExpiry"},
           "trustStores":["ca:acme","tsa:stamps"],"trustedIdentities":["x509.subject: C=US, ST=WA, O=acme, CN=a","x509.subject: C=US, S=WA, O=acme, CN=b"]},
          {"name":"unsigned","registryScopes":["registry.example.com/old"],"signatureVerification":{"level":"skip"}},
          {"name":"rest","registryScopes":["*"],"signatureVerification":{"level":"audit"},"trustStores":["signingAuthority:acme_1.0-x"],"trustedIdentities":["*"]}]}
        """;

    private static readonly (string Name, Action<JsonObject> Change, string Reason)[] Broken =
    [
        ("version", d => d["version"] = "2.0", "version is '2.0'"),
        ("no version", d => d.Remove("version"), "lacks version"),
        ("no statements", d => d["trustPolicies"] = new JsonArray(), "lacks trustPolicies"),
        ("an unknown member", d => d["trustpolicies"] = 1, "'trustpolicies'"),
        ("an unknown member of a statement", d => First(d)["overide"] = 1, "'overide'"),
        ("no name", d => First(d)["name"] = "", "lacks name"),
        ("a name twice", d => First(d)["name"] = "rest", "two statements have the name 'rest'"),
        ("no scopes", d => First(d)["registryScopes"] = new JsonArray(), "lacks registryScopes"),
        ("a scope twice", d => First(d)["registryScopes"] = new JsonArray("registry.example.com/old"), "stands in two statements"),
        ("a scope twice in one", d => First(d)["registryScopes"] = new JsonArray("a.example/b", "a.example/b"), "twice"),
        ("two global scopes", d => First(d)["registryScopes"] = new JsonArray("*"), "stands in two statements"),
        ("a global scope beside others", d => First(d)["registryScopes"] = new JsonArray("*", "a.example/b"), "'*' beside others"),
        ("a scope with a wildcard", d => First(d)["registryScopes"] = new JsonArray("a.example/*"), "is no repository"),
        ("a scope without a registry", d => First(d)["registryScopes"] = new JsonArray("app"), "is no repository"),
        ("a scope with a tag", d => First(d)["registryScopes"] = new JsonArray("a.example/b:1"), "is no repository"),
        ("no verification", d => First(d).Remove("signatureVerification"), "lacks signatureVerification"),
        ("an unknown level", d => Verification(d)["level"] = "lax", "'lax'"),
        ("an override of integrity", d => Verification(d)["override"] = new JsonObject { ["integrity"] = "log" }, "'integrity'"),
        ("an unknown action", d => Verification(d)["override"] = new JsonObject { ["expiry"] = "skip" }, "enforce or log"),
        ("an action that is no text", d => Verification(d)["override"] = new JsonObject { ["expiry"] = 1 }, "enforce or log"),
        ("an unknown time for timestamps", d => Verification(d)["verifyTimestamp"] = "never", "'never'"),
        ("skip for everything", d => Statement(d, 1)["registryScopes"] = new JsonArray("*"), "skips verification for every repository"),
        ("skip with stores", d => Statement(d, 1)["trustStores"] = new JsonArray("ca:a"), "skips verification and yet"),
        ("skip with an override", d => Statement(d, 1)["signatureVerification"]!["override"] = new JsonObject(), "skips verification and yet"),
        ("no stores", d => First(d).Remove("trustStores"), "lacks trustStores"),
        ("timestamp stores alone", d => First(d)["trustStores"] = new JsonArray("tsa:a"), "no trust store of the type ca"),
        ("an unknown type of store", d => First(d)["trustStores"] = new JsonArray("cb:a"), "'cb:a'"),
        ("a store outside the folder", d => First(d)["trustStores"] = new JsonArray("ca:.."), "'ca:..'"),
        ("a store by a path", d => First(d)["trustStores"] = new JsonArray("ca:a/b"), "'ca:a/b'"),
        ("no identities", d => First(d)["trustedIdentities"] = new JsonArray(), "lacks trustedIdentities"),
        ("any identity beside others", d => First(d)["trustedIdentities"] = new JsonArray("*", "x509.subject: C=US, ST=WA, O=acme"), "'*' beside others"),
        ("an identity of another kind", d => First(d)["trustedIdentities"] = new JsonArray("mail: a@example.com"), "no prefix"),
        ("an identity without a state", d => First(d)["trustedIdentities"] = new JsonArray("x509.subject: C=US, O=acme"), "lacks ST"),
        ("overlapping identities", d => First(d)["trustedIdentities"] = new JsonArray("x509.subject: C=US, ST=WA, O=acme", "x509.subject: O=acme, S=WA, C=US, CN=a"), "overlap"),
    ];

    public static IEnumerable<object[]> Names => Broken.Select(b => new object[] { b.Name });

    [TestMethod]
    public void A_policy_is_read_as_it_is_written()
    {
        var policy = Read(Good);
        var mine = policy.Select("registry.example.com:5000/team/app")!;
        Assert.AreEqual("mine", mine.Name);
        Assert.IsFalse(mine.TimestampAlways);
        Assert.AreEqual(ValidationAction.Log, mine.Actions[Validation.Expiry]);
        Assert.AreEqual(ValidationAction.Skip, mine.Actions[Validation.Revocation]);
        Assert.AreEqual(ValidationAction.Enforce, mine.Actions[Validation.AuthenticTimestamp]);
        CollectionAssert.AreEqual(new[] { "ca:acme", "tsa:stamps" }, mine.Stores.Select(s => s.ToString()).ToArray());
        Assert.HasCount(2, mine.Identities);
        Assert.IsTrue(policy.Select("registry.example.com/old")!.Skips);
        var rest = policy.Select("anything.example/else")!;
        Assert.AreEqual("rest", rest.Name);
        Assert.IsTrue(rest.TimestampAlways);
        Assert.IsEmpty(rest.Identities);
        Assert.AreEqual(ValidationAction.Enforce, rest.Actions[Validation.Integrity]);
        Assert.AreEqual(ValidationAction.Log, rest.Actions[Validation.Authenticity]);
    }

    [TestMethod]
    public void An_image_that_no_statement_covers_has_none()
    {
        var document = JsonNode.Parse(Good)!.AsObject();
        document["trustPolicies"]!.AsArray().RemoveAt(2);
        Assert.IsNull(Read(document.ToJsonString()).Select("anything.example/else"));
    }

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void What_is_not_valid_is_said_in_one_sentence(string name)
    {
        var (_, change, reason) = Broken.Single(b => b.Name == name);
        var document = JsonNode.Parse(Good)!.AsObject();
        change(document);
        Refused(document.ToJsonString(), reason);
    }

    [TestMethod]
    [DataRow("", "JSON")]
    [DataRow("[]", "not an object")]
    [DataRow("""{"version":"1.0","version":"1.0","trustPolicies":[]}""", "JSON")]
    [DataRow("""{"version":"1.0","trustPolicies":[1]}""", "not an object")]
    [DataRow("// comment\n{}", "JSON")]
    public void What_is_no_policy_at_all_is_said_too(string text, string reason) => Refused(text, reason);

    [TestMethod]
    public void A_missing_file_is_named()
    {
        var thrown = Assert.ThrowsExactly<GuardException>(() => TrustPolicyReader.ReadFile("/nowhere/trustpolicy.json"));
        StringAssert.Contains(thrown.Message, "/nowhere/trustpolicy.json");
    }

    private static void Refused(string text, string reason)
    {
        var thrown = Assert.ThrowsExactly<GuardException>(() => Read(text));
        Assert.AreEqual("CBG3007", thrown.Code);
        Assert.AreEqual(GuardFailure.Input, thrown.Kind);
        Assert.AreEqual("policy.json", thrown.File);
        StringAssert.Contains(thrown.Message, reason);
        Assert.DoesNotContain('\n', thrown.Message);
    }

    private static TrustPolicyDocument Read(string text) => new TrustPolicyReader("policy.json").Read(Encoding.UTF8.GetBytes(text));

    private static JsonObject First(JsonObject document) => Statement(document, 0);

    private static JsonObject Statement(JsonObject document, int index) => document["trustPolicies"]![index]!.AsObject();

    private static JsonObject Verification(JsonObject document) => First(document)["signatureVerification"]!.AsObject();
}
