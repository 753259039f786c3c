namespace ContainerBuildGuard.HardenedConfiguration.Containers;

[TestClass]
public sealed class ImageTrustQuestionsTests
{
    private readonly List<string> _asked = [];

    [TestMethod]
    public async Task An_image_is_asked_about_once()
    {
        var questions = Questions(_ => new ImageTrust(ImageTrustAnswer.Untrusted, "no"));
        await questions.AskAsync("a:1", ["a@sha256:1"], CancellationToken.None);
        Assert.AreEqual("no", (await questions.AskAsync("a:2", ["a@sha256:1"], CancellationToken.None)).Reason);
        Assert.HasCount(1, _asked);
    }

    [TestMethod]
    public async Task The_registry_of_its_name_is_asked_first_and_one_that_trusts_is_enough()
    {
        var questions = Questions(d => new ImageTrust(d.StartsWith("b/", StringComparison.Ordinal) ? ImageTrustAnswer.Trusted : ImageTrustAnswer.Untrusted, d));
        Assert.AreEqual(ImageTrustAnswer.Trusted, (await questions.AskAsync("b/app:1", ["a/app@sha256:1", "b/app@sha256:2"], CancellationToken.None)).Answer);
        Assert.AreEqual("b/app@sha256:2", string.Join(' ', _asked));
        Assert.AreEqual(ImageTrustAnswer.Trusted, (await questions.AskAsync("a/app:1", ["a/app@sha256:1", "b/app@sha256:2"], CancellationToken.None)).Answer);
        Assert.AreEqual("a/app@sha256:1", (await questions.AskAsync("a/app:1", ["a/app@sha256:1"], CancellationToken.None)).Reason);
    }

    [TestMethod]
    public async Task An_image_without_a_digest_in_a_registry_is_unknown() =>
        Assert.AreEqual(ImageTrustAnswer.Unknown, (await Questions(_ => throw new InvalidOperationException()).AskAsync("a:1", [], CancellationToken.None)).Answer);

    [TestMethod]
    public async Task An_answer_that_is_late_is_there_the_next_time()
    {
        var late = new TaskCompletionSource<ImageTrust>();
        var questions = new ImageTrustQuestions((_, _) => late.Task, TimeSpan.FromMilliseconds(1));
        Assert.AreEqual(ImageTrustAnswer.Unknown, (await questions.AskAsync("a:1", ["a@sha256:1"], CancellationToken.None)).Answer);
        late.SetResult(new ImageTrust(ImageTrustAnswer.Trusted, ""));
        Assert.AreEqual(ImageTrustAnswer.Trusted, (await questions.AskAsync("a:1", ["a@sha256:1"], CancellationToken.None)).Answer);
    }

    private ImageTrustQuestions Questions(Func<string, ImageTrust> answer) => new((digest, _) =>
    {
        _asked.Add(digest);
        return Task.FromResult(answer(digest));
    }, TimeSpan.FromMinutes(1));
}
