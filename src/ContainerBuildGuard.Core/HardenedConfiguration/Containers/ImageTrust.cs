namespace ContainerBuildGuard.HardenedConfiguration.Containers;

/// <summary>What whoever knows of signatures says of an image.</summary>
public enum ImageTrustAnswer
{
    /// <summary>It is signed as the policy asks.</summary>
    Trusted,

    /// <summary>It is not signed as the policy asks.</summary>
    Untrusted,

    /// <summary>The policy says whom to trust, and nobody for this image.</summary>
    NoRule,

    /// <summary>It could not be found out.</summary>
    Unknown,
}

/// <summary>The answer for one image, and why.</summary>
public sealed record ImageTrust(ImageTrustAnswer Answer, string Reason);

/// <summary>
/// Asks about each image once in a run, by its digests in registries. An answer that takes longer than <paramref name="patience"/> is unknown now and is there when the image comes again.
/// </summary>
/// <param name="ask">Answers for one <c>registry/repository@digest</c>.</param>
/// <param name="patience">How long one container may wait.</param>
internal sealed class ImageTrustQuestions(Func<string, CancellationToken, Task<ImageTrust>> ask, TimeSpan patience)
{
    /// <summary>An image that stands in more registries than this is one that somebody prepared.</summary>
    private const int MostDigests = 8;

    private readonly Dictionary<string, Task<ImageTrust>> _answers = new(StringComparer.Ordinal);

    /// <param name="name">The name that the container was created from.</param>
    /// <param name="digests">The image's digests in registries, as the engine lists them.</param>
    /// <param name="cancellationToken">Cancels the waiting.</param>
    public async Task<ImageTrust> AskAsync(string name, IReadOnlyList<string> digests, CancellationToken cancellationToken)
    {
        if (digests.Count == 0)
        {
            return new ImageTrust(ImageTrustAnswer.Unknown, "its image has no digest in a registry, as one that was built or loaded here");
        }

        ImageTrust? worst = null;
        foreach (var digest in digests.OrderByDescending(d => name.StartsWith(d.Split('@')[0], StringComparison.Ordinal)).Take(MostDigests))
        {
            var answer = await WithinPatienceAsync(digest, cancellationToken);
            if (answer.Answer == ImageTrustAnswer.Trusted)
            {
                return answer;
            }

            worst ??= answer;
        }

        return worst!;
    }

    private async Task<ImageTrust> WithinPatienceAsync(string digest, CancellationToken cancellationToken)
    {
        if (!_answers.TryGetValue(digest, out var answer))
        {
            _answers[digest] = answer = ask(digest, cancellationToken);
        }

        try
        {
            return await answer.WaitAsync(patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            return new ImageTrust(ImageTrustAnswer.Unknown, "its registry has not answered yet");
        }
    }
}
