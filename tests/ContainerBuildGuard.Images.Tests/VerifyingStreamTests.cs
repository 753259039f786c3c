namespace ContainerBuildGuard.Images;

[TestClass]
public sealed class VerifyingStreamTests
{
    private static readonly byte[] Content = "content"u8.ToArray();

    [TestMethod]
    public void The_right_content_is_read()
    {
        using var stream = new VerifyingStream(new MemoryStream(Content), Descriptor.Of("x", Content), "test");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        CollectionAssert.AreEqual(Content, copy.ToArray());
    }

    [TestMethod]
    [DataRow("contens")]
    [DataRow("conten")]
    [DataRow("content and more")]
    public void Other_content_is_refused(string text)
    {
        using var stream = new VerifyingStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(text)), Descriptor.Of("x", Content), "test");
        Assert.AreEqual(ImageError.DigestMismatch, Assert.ThrowsExactly<ImageException>(() => stream.CopyTo(Stream.Null)).Error);
    }
}
