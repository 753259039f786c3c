using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>A signature as it was found.</summary>
/// <param name="MediaType">The envelope's media type.</param>
/// <param name="Envelope">The envelope; null where it cannot be read.</param>
/// <param name="Problem">Why it cannot be read; empty where it can.</param>
internal sealed record FoundEnvelope(string MediaType, byte[]? Envelope, string Problem);

/// <summary>Signatures of the Notary Project in a repository (Notary Project signature specification, "Storage"): referrers with one layer, the envelope.</summary>
internal sealed class NotationSignatureStore(RegistryClient client, string registry, string repository)
{
    public const string ArtifactType = "application/vnd.cncf.notary.signature";
    public const string Thumbprints = "io.cncf.notary.x509chain.thumbprint#S256";
    private readonly ArtifactStore _artifacts = new(client, registry, repository);

    /// <summary>The image's signatures, and the types of what else refers to it. Older signatures say what they are in their config, not in an artifact type.</summary>
    public async Task<(Gathered<FoundEnvelope> Signatures, ImmutableHashSet<string> OtherTypes, bool Truncated)> FindAsync(Digest image, CancellationToken cancellationToken)
    {
        var others = ImmutableHashSet.CreateBuilder<string>();
        var (found, truncated) = await _artifacts.ReadReferrersAsync(
            image, ArtifactType, (_, manifest) => ReadAsync(manifest, image, others, cancellationToken), problem => new FoundEnvelope("", null, problem), cancellationToken);
        return (found, others.ToImmutable(), truncated);
    }

    /// <summary>Attaches an envelope to an image.</summary>
    public Task AddAsync(Descriptor image, string mediaType, byte[] envelope, IEnumerable<X509Certificate2> chain, DateTimeOffset created, CancellationToken cancellationToken) =>
        _artifacts.AttachAsync(image, ArtifactType, mediaType, envelope, new Dictionary<string, string>
        {
            [Thumbprints] = new JsonArray([.. chain.Select(c => (JsonNode)c.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant())]).ToJsonString(),
            ["org.opencontainers.image.created"] = Rfc3339.Format(created),
        }, cancellationToken);

    private async Task<FoundEnvelope?> ReadAsync(byte[] bytes, Digest image, ImmutableHashSet<string>.Builder others, CancellationToken cancellationToken)
    {
        var parsed = ManifestParser.ParseManifest(bytes);
        using var manifest = JsonDocument.Parse(bytes);
        var type = ArtifactStore.Text(manifest.RootElement, "artifactType") ?? parsed.Config.MediaType;
        if (type != ArtifactType)
        {
            others.Add(type);
            return null;
        }

        return !ArtifactStore.RefersTo(manifest.RootElement, image) ? null
            : parsed.Layers is not [var layer] ? new FoundEnvelope("", null, $"a signature has {parsed.Layers.Length} layers in place of one")
            : layer.Size > NotationEnvelope.MaxBytes ? new FoundEnvelope("", null, $"a signature has {layer.Size} bytes, over the limit of {NotationEnvelope.MaxBytes}")
            : new FoundEnvelope(layer.MediaType, await _artifacts.ReadAsync(layer, cancellationToken), "");
    }
}
