namespace ContainerBuildGuard.Images;

[TestClass]
public sealed class ImageReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [TestMethod]
    [DataRow("alpine", "docker.io/library/alpine:latest")]
    [DataRow("alpine:3", "docker.io/library/alpine:3")]
    [DataRow("user/app:1.0", "docker.io/user/app:1.0")]
    [DataRow("docker.io/alpine", "docker.io/library/alpine:latest")]
    [DataRow("index.docker.io/user/app", "docker.io/user/app:latest")]
    [DataRow("localhost/app", "localhost/app:latest")]
    [DataRow("localhost:5000/app", "localhost:5000/app:latest")]
    [DataRow("LOCAL/app", "LOCAL/app:latest")]
    [DataRow("registry/app", "docker.io/registry/app:latest")]
    [DataRow("registry:5000/app", "registry:5000/app:latest")]
    [DataRow("127.0.0.1/a/b/c:X_1.2-3", "127.0.0.1/a/b/c:X_1.2-3")]
    [DataRow("[::1]:5000/a/b:x", "[::1]:5000/a/b:x")]
    [DataRow("[2001:db8::1]/app", "[2001:db8::1]/app:latest")]
    [DataRow("a__b/c---d/e.f_g", "docker.io/a__b/c---d/e.f_g:latest")]
    [DataRow("registry.example.com/a@sha256:" + Hex, "registry.example.com/a@sha256:" + Hex)]
    [DataRow("registry.example.com/a:1@sha256:" + Hex, "registry.example.com/a:1@sha256:" + Hex)]
    [DataRow("a@sha512:" + Hex + Hex, "docker.io/library/a@sha512:" + Hex + Hex)]
    public void A_reference_is_completed(string text, string expected)
    {
        Assert.AreEqual(expected, ImageReference.Parse(text).ToString());
        Assert.AreEqual(expected, ImageReference.Parse(expected).ToString());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("App")]
    [DataRow("localhost:5000/App:1")]
    [DataRow("a@sha256:12")]
    [DataRow("a@md5:0123456789abcdef0123456789abcdef")]
    [DataRow("a@")]
    [DataRow("a b")]
    [DataRow("a:")]
    [DataRow("a:.x")]
    [DataRow("a:-x")]
    [DataRow("a:tag/with:slash!")]
    [DataRow("a//b")]
    [DataRow("/a")]
    [DataRow("a/")]
    [DataRow("a..b/c")]
    [DataRow("a_-b")]
    [DataRow("a___b")]
    [DataRow("-a")]
    [DataRow("a-.example/b")]
    [DataRow("example..com/b")]
    [DataRow("example.com:/b")]
    [DataRow("example.com:65536/b")]
    [DataRow("example.com:99999999/b")]
    [DataRow("[::1/b")]
    [DataRow("[1.2.3.4]/b")]
    [DataRow("[:::]/b")]
    [DataRow("[::1%eth0]/b")]
    [DataRow("https://example.com/a")]
    [DataRow("ünicode")]
    [DataRow("a\n")]
    [DataRow(Hex)]
    public void What_is_no_reference_is_refused(string text) =>
        Assert.AreEqual(ImageError.InvalidReference, Assert.ThrowsExactly<ImageException>(() => ImageReference.Parse(text)).Error);

    [TestMethod]
    public void Limits_of_length_hold()
    {
        Assert.AreEqual(255, ImageReference.Parse($"example.com/{new string('a', 255)}").Repository.Length);
        Assert.Contains("255", Assert.ThrowsExactly<ImageException>(() => ImageReference.Parse($"example.com/{new string('a', 256)}")).Message);
        Assert.AreEqual(128, ImageReference.Parse($"a:{new string('b', 128)}").Tag!.Length);
        Assert.ThrowsExactly<ImageException>(() => ImageReference.Parse($"a:{new string('b', 129)}"));
        Assert.IsLessThan(400, Assert.ThrowsExactly<ImageException>(() => ImageReference.Parse(new string('a', 1_000_000))).Message.Length);
    }

    [TestMethod]
    public void A_password_in_an_address_is_not_repeated()
    {
        var error = Assert.ThrowsExactly<ImageException>(() => ImageReference.Parse("https://robot:made-up-word@example.com/a"));
        Assert.DoesNotContain("made-up-word", error.Message);
        Assert.IsFalse(Assert.ThrowsExactly<ImageException>(() => ImageReference.Parse("a\r\nb")).Message.Any(char.IsControl));
    }
}
