namespace ContainerBuildGuard.Images;

[TestClass]
public sealed class ImageReferenceTests
{
    private const string Hex = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [TestMethod]
    [DataRow("alpine", "docker.io/library/alpine:latest")]
    [DataRow("user/app:1.0", "docker.io/user/app:1.0")]
    [DataRow("localhost:5000/app", "localhost:5000/app:latest")]
    [DataRow("[::1]:5000/a/b:x", "[::1]:5000/a/b:x")]
    [DataRow("registry.example.com/a@sha256:" + Hex, "registry.example.com/a@sha256:" + Hex)]
    public void A_reference_is_completed(string text, string expected) => Assert.AreEqual(expected, ImageReference.Parse(text).ToString());

    [TestMethod]
    [DataRow("App")]
    [DataRow("localhost:5000/App:1")]
    [DataRow("a@sha256:12")]
    [DataRow("a b")]
    [DataRow("")]
    [DataRow("a:tag/with:slash!")]
    public void What_is_no_reference_is_refused(string text) =>
        Assert.AreEqual(ImageError.InvalidReference, Assert.ThrowsExactly<ImageException>(() => ImageReference.Parse(text)).Error);
}
