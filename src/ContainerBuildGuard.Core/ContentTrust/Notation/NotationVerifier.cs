using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Verifies that a manifest in a registry has a Notary Project signature by whom a trust policy trusts. A tag is resolved once.</summary>
public static class NotationVerifier
{
    /// <param name="client">The registry client. What it cannot look up is an error, never "not signed".</param>
    /// <param name="image">The image.</param>
    /// <param name="trust">Whom to trust.</param>
    /// <param name="everyPlatform">Whether each image of an index must be signed too.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="ImageException">The registry does not have the image, refuses, or cannot be reached.</exception>
    /// <exception cref="GuardException">CBG3007: a trust store cannot be used. CBG3009: revocation could not be checked, and nothing else speaks against the signature.</exception>
    public static Task<ImageVerification> VerifyAsync(RegistryClient client, ImageReference image, NotationTrust trust, bool everyPlatform, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
