using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

[TestClass]
public sealed class DctEnvironmentTests
{
    [TestMethod]
    [DataRow("1", true)]
    [DataRow("true", true)]
    [DataRow("yes", true)]
    [DataRow("tRuE", true)]
    [DataRow("fAlSe", true)]
    [DataRow(" ", true)]
    [DataRow("0", false)]
    [DataRow("f", false)]
    [DataRow("F", false)]
    [DataRow("false", false)]
    [DataRow("False", false)]
    [DataRow("FALSE", false)]
    [DataRow("", false)]
    [DataRow(null, false)]
    public void The_switch_is_read_as_docker_reads_it(string? value, bool on)
    {
        Assert.AreEqual(on, DctEnvironment.IsOn(_ => value));
        Assert.AreEqual(on, DctEnvironment.Read(_ => value) is not null);
    }

    [TestMethod]
    [DataRow(null, "docker.io", null, "https://notary.docker.io/")]
    [DataRow(null, "registry.example.com:5000", null, "https://registry.example.com:5000/")]
    [DataRow(null, "registry.example.com", "https://notary.example.com:4443/path", "https://notary.example.com:4443/path")]
    [DataRow(null, "docker.io", "http://127.0.0.1:4443", "http://127.0.0.1:4443/")]
    [DataRow("https://named.example.com", "docker.io", "https://notary.example.com", "https://named.example.com/")]
    public void The_server_is_the_one_that_is_named_or_the_registrys(string? named, string registry, string? variable, string server) =>
        Assert.AreEqual(new Uri(server), DctEnvironment.Server(named is null ? null : new Uri(named), registry, n => n == "DOCKER_CONTENT_TRUST_SERVER" ? variable : null));

    [TestMethod]
    [DataRow("http://notary.example.com")]
    [DataRow("notary.example.com")]
    [DataRow("https://user:word@notary.example.com")]
    [DataRow("https://notary.example.com/?a=b")]
    [DataRow("file:///notary")]
    public void A_server_without_tls_is_refused(string variable)
    {
        var thrown = Assert.ThrowsExactly<GuardException>(() => DctEnvironment.Server(null, "docker.io", _ => variable));
        Assert.AreEqual("CBG9009", thrown.Code);
        Assert.DoesNotContain("word", thrown.Message);
    }
}
