using ContainerBuildGuard.Testing.Pki;

namespace ContainerBuildGuard.ContentTrust.Notation;

[TestClass]
public sealed class X509IdentityTests
{
    [TestMethod]
    [DataRow("x509.subject: C=US, ST=WA, O=acme", true)]
    [DataRow("x509.subject:C=US,S=WA,O=acme,L=Seattle,CN=signer", true)]
    [DataRow("x509.subject: c=US; st=WA; o=acme", true)]
    [DataRow("x509.subject: C=US, ST=WA, O=acme, OU=dev", false)]
    [DataRow("x509.subject: C=US, ST=WA, O=Acme", false)]
    [DataRow("x509.subject: C=US, ST=WA, O=acm", false)]
    public void Every_attribute_that_is_named_must_be_in_the_subject(string identity, bool matches)
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow);
        Assert.AreEqual(matches, X509Identity.Parse(identity).Matches(pki.CodeSigner()));
    }

    [TestMethod]
    [DataRow(@"x509.subject: C=US, ST=WA, O=acme\, Inc.\; \\ \ ", "acme, Inc.; \\  ")]
    [DataRow(@"x509.subject: C=US, ST=WA, O=  acme  Inc ", "acme  Inc")]
    public void Escapes_are_resolved(string identity, string organization) => Assert.AreEqual(organization, X509Identity.Parse(identity).Attributes["O"]);

    [TestMethod]
    [DataRow("C=US, ST=WA, O=acme")]
    [DataRow("x509.subject:")]
    [DataRow("x509.subject: C=US, ST=WA")]
    [DataRow("x509.subject: C=US, ST=WA, S=OR, O=acme")]
    [DataRow("x509.subject: C=US, ST=WA, O=acme+CN=a")]
    [DataRow("x509.subject: C=US, ST=WA, O=")]
    [DataRow("x509.subject: C=US, ST=WA, O=acme, nothing")]
    [DataRow(@"x509.subject: C=US, ST=WA, O=acme\")]
    [DataRow(@"x509.subject: C=US, ST=WA, O=\acme")]
    public void What_could_be_anybodys_or_read_in_two_ways_is_refused(string identity) => Assert.ThrowsExactly<FormatException>(() => X509Identity.Parse(identity));

    [TestMethod]
    [DataRow("CN=signer, OU=a, OU=b, O=acme, S=WA, C=US", "OU=a", false)]
    [DataRow("CN=signer, O=acme, S=WA, C=US, O=evil", "CN=signer", false)]
    [DataRow("CN=signer, OU=a, O=acme, S=WA, C=US", "OU=a", true)]
    public void An_attribute_that_the_subject_has_twice_matches_nothing(string subject, string more, bool matches)
    {
        using var pki = new TestPki(DateTimeOffset.UtcNow);
        using var certificate = pki.CodeSigner(subject: subject);
        Assert.AreEqual(matches, X509Identity.Parse($"x509.subject: C=US, ST=WA, O=acme, {more}").Matches(certificate));
    }
}
