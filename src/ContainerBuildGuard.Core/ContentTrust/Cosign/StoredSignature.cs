using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Cosign;

/// <summary>Where a signature or attestation was found, and what has to verify.</summary>
/// <param name="Format"><c>bundle</c> or <c>legacy</c>.</param>
/// <param name="Bundle">The bundle; null where what was found cannot be read.</param>
/// <param name="Problem">Why it cannot be read; empty where it can.</param>
/// <param name="Artifact">What the bundle's signature must be over; for simple signing this is the payload.</param>
/// <param name="SignedDigest">The digest that a simple-signing payload names; null where the bundle's own statement does.</param>
internal sealed record StoredSignature(string Format, Bundle? Bundle, string Problem, Artifact Artifact, string? SignedDigest)
{
    /// <summary>What an unverified statement says it is: good for sorting refusals, for nothing else. Empty where it says nothing that can be read.</summary>
    public string AnnouncedType
    {
        get
        {
            try
            {
                return Bundle?.Content is DsseEnvelope envelope ? InTotoStatement.Parse(envelope.Payload).PredicateType : ImageSigner.SignaturePredicate;
            }
            catch (SigstoreException)
            {
                return "";
            }
        }
    }

    /// <summary>What stands for one that cannot be read.</summary>
    public static StoredSignature Unreadable(string format, string problem) => new(format, null, problem, Artifact.OfContent(default), null);

    /// <summary>Reads a bundle that refers to the image.</summary>
    public static StoredSignature OfBundle(byte[] json, Digest image)
    {
        var artifact = Artifact.OfSha256(Convert.FromHexString(image.Hex));
        try
        {
            return new StoredSignature("bundle", Bundle.Parse(json), "", artifact, null);
        }
        catch (SigstoreException e)
        {
            return new StoredSignature("bundle", null, e.Message, artifact, null);
        }
    }
}
