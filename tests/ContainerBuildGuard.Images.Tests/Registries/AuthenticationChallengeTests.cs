namespace ContainerBuildGuard.Images.Registries;

[TestClass]
public sealed class AuthenticationChallengeTests
{
    [TestMethod]
    [DataRow("""Bearer realm="https://auth.example/token",service="a, b",scope="repository:x:pull,push" """, "Bearer(realm=https://auth.example/token;scope=repository:x:pull,push;service=a, b)")]
    [DataRow("""Basic realm="x", Bearer realm="https://a/t" , service=s""", "Basic(realm=x) Bearer(realm=https://a/t;service=s)")]
    [DataRow("""Negotiate, Bearer Realm = "a\"b\\c" """, """Negotiate() Bearer(realm=a"b\c)""")]
    [DataRow("Basic", "Basic()")]
    [DataRow("""Bearer realm="first",realm="second" """, "Bearer(realm=first)")]
    [DataRow("""Bearer realm="never ends""", "Bearer()")]
    [DataRow("""Bearer realm="x",error="insufficient_scope",,scope="" """, "Bearer(error=insufficient_scope;realm=x;scope=)")]
    [DataRow("", "")]
    [DataRow("=,=\"", "")]
    public void A_line_is_read(string line, string expected) => Assert.AreEqual(expected, Show([line]));

    [TestMethod]
    public void Several_lines_are_several_challenges() => Assert.AreEqual("Basic(realm=a) Bearer(realm=b)", Show(["Basic realm=a", "Bearer realm=b"]));

    private static string Show(string[] lines) => string.Join(' ', AuthenticationChallenge.Parse(lines)
        .Select(c => $"{c.Scheme}({string.Join(';', c.Parameters.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value}"))})"));
}
