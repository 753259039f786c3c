using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>Verifies that Docker Content Trust signs an image's tag for the digest that the registry serves.</summary>
public static class DctVerifier
{
    /// <summary>The format of these signatures in <see cref="VerifiedSignature"/>.</summary>
    public const string Format = "dct";

    /// <summary>Looks the tag up as the docker client does, in <c>targets/releases</c> and then in <c>targets</c>. A reference with a digest alone verifies where some tag is signed for it.</summary>
    /// <param name="client">The registry client; its credentials and authorities serve for the Notary server too.</param>
    /// <param name="image">The image.</param>
    /// <param name="trust">Whom to believe.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImageException">The registry does not have the image, refuses, or cannot be reached.</exception>
    /// <exception cref="Findings.GuardException">The trust data could not be looked up, or the settings are wrong.</exception>
    public static Task<ImageVerification> VerifyAsync(RegistryClient client, ImageReference image, DctTrust trust, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
