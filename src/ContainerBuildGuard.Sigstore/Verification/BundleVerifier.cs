namespace ContainerBuildGuard.Sigstore;

/// <summary>Verifies bundles (Sigstore client specification, "Verification"). Never touches the network. Safe for use by several threads.</summary>
/// <param name="trustedRoot">Whom to trust; null where only bundles of a long-lived key are verified, whose log entries and timestamps are then left alone.</param>
/// <param name="time">The clock; what lies in its future is refused.</param>
public sealed class BundleVerifier(TrustedRoot? trustedRoot, TimeProvider? time = null)
{
    /// <summary>Verifies a bundle's JSON. A refusal is a result, whatever the bytes are.</summary>
    public VerificationResult Verify(ReadOnlyMemory<byte> bundle, Artifact artifact, VerificationPolicy policy)
    {
        try
        {
            return Verify(Bundle.Parse(bundle), artifact, policy);
        }
        catch (SigstoreException e)
        {
            return new VerificationResult { Steps = [new StepResult(VerificationStep.Bundle, StepOutcome.Failed, e.Message)] };
        }
    }

    /// <summary>Verifies a bundle.</summary>
    public VerificationResult Verify(Bundle bundle, Artifact artifact, VerificationPolicy policy) =>
        new VerificationRun(bundle, artifact, policy, trustedRoot, (time ?? TimeProvider.System).GetUtcNow()).Run();
}
