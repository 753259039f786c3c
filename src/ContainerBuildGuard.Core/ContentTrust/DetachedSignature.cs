using System.Collections.Immutable;
using ContainerBuildGuard.ContentTrust.Cosign;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>A signature in a file beside an image that is in no registry: an archive, a layout, an engine.</summary>
public static class DetachedSignature
{
    private const int MaxBytes = 32 << 20;

    /// <summary>Verifies the bundle against the image's root digest; the image's content must be checked against that digest by whoever reads it.</summary>
    /// <exception cref="GuardException">CBG9009: the file cannot be read.</exception>
    public static async Task<ImageVerification> VerifyAsync(ImageSet image, string bundleFile, TrustRule rule, TrustedSigners signers, CancellationToken cancellationToken)
    {
        var digest = image.Root.Digest;
        var stored = StoredSignature.OfBundle(await ReadAsync(bundleFile, cancellationToken), digest);
        var (signer, result, reason) = stored.Bundle is null ? (null, null, stored.Problem) : signers.Verify(stored.Bundle, stored.Artifact);
        if (signer is not null && result!.Statement is { } statement && statement.PredicateType != ImageSigner.SignaturePredicate)
        {
            (signer, reason) = (null, $"the bundle is an attestation of the type {statement.PredicateType}, not a signature of the image");
        }

        var failures = ImmutableArray.CreateBuilder<TrustFailure>();
        if (signer is null)
        {
            failures.Add(new TrustFailure(digest, ContentTrustRules.NoValidSignature, $"the signature in {bundleFile} does not verify", [reason]));
        }
        else if (rule.Threshold > 1 || !rule.Attestations.IsEmpty || rule.Dct is not null)
        {
            failures.Add(new TrustFailure(digest, ContentTrustRules.AttestationMissing, "the rule asks for more than the one signature that a file holds", []));
        }

        return new ImageVerification
        {
            Reference = image.Reference,
            Digest = digest,
            Manifests = [digest],
            Signatures = signer is null ? [] : [new VerifiedSignature(digest, signer, result!.Certificate is { } certificate ? string.Join(", ", certificate.Subjects) : signer, "bundle", ImageSigner.SignaturePredicate, result.SigningTimes.IsEmpty ? null : result.SigningTimes.Min())],
            Failures = failures.ToImmutable(),
        };
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return new FileInfo(file) is { Exists: true, Length: <= MaxBytes }
                ? await File.ReadAllBytesAsync(file, cancellationToken)
                : throw new GuardException("CBG9009", GuardFailure.Input, $"There is no bundle '{file}' of at most {MaxBytes} bytes: correct the path.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuardException("CBG9009", GuardFailure.Environment, $"The bundle '{file}' cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
