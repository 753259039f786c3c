namespace ContainerBuildGuard.Sigstore.Conformance;

/// <summary><c>verify-bundle</c></summary>
internal static class VerifyBundle
{
    /// <summary>Null where the bundle verifies, or why not.</summary>
    public static string? Run(Arguments arguments)
    {
        var root = Instance.TrustedRoot(arguments);
        var policy = arguments.Find("--key") is { } key
            ? VerificationPolicy.ForKey(VerificationKey.Parse(File.ReadAllText(key), key))
            : VerificationPolicy.ForIdentities(new CertificateIdentity
            {
                Subject = TextMatch.Exactly(arguments.Get("--certificate-identity")),
                Issuer = TextMatch.Exactly(arguments.Get("--certificate-oidc-issuer")),
            });
        var result = new BundleVerifier(root).Verify(File.ReadAllBytes(arguments.Get("--bundle")), Subject(arguments.Subject), policy);
        return result.Verified ? null : $"{result.Steps[^1].Step}: {result.Reason}";
    }

    private static Artifact Subject(string subject) =>
        subject.StartsWith("sha256:", StringComparison.Ordinal) && subject.Length == 71 && subject[7..].All(char.IsAsciiHexDigit) && !File.Exists(subject)
            ? Artifact.OfSha256(Convert.FromHexString(subject[7..]))
            : Artifact.OfContent(File.ReadAllBytes(subject));
}
