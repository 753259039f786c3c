using System.Collections.Immutable;

namespace ContainerBuildGuard.ContentTrust;

/// <summary>Predicate types by the short names that the command line and the policy use.</summary>
public static class PredicateTypes
{
    public const string Provenance = "https://slsa.dev/provenance/v1";
    public const string CycloneDx = "https://cyclonedx.org/bom";
    public const string Spdx = "https://spdx.dev/Document";
    public const string Vulnerabilities = "https://cosign.sigstore.dev/attestation/vuln/v1";
    public const string OpenVex = "https://openvex.dev/ns/v0.2.0";
    public const string Guard = "https://containerbuildguard.dev/attestation/report/v1";
    public const string DctMigration = "https://containerbuildguard.dev/attestation/dct-migration/v1";

    /// <summary>The predicate types that a name stands for, the one that is written first; a URI stands for itself, and what is neither for nothing.</summary>
    public static ImmutableArray<string> Find(string name) => name switch
    {
        "slsa-provenance" => [Provenance, "https://slsa.dev/provenance/v0.2"],
        "cyclonedx" => [CycloneDx],
        "spdx" => [Spdx],
        "sbom" => [CycloneDx, Spdx],
        "vulnerabilities" => [Vulnerabilities],
        "guard" => [Guard],
        "openvex" => [OpenVex, "https://openvex.dev/ns"],
        _ when Uri.TryCreate(name, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" => [name],
        _ => [],
    };
}
