using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>What a bundle is verified against: content, or the SHA-256 digest of content.</summary>
public sealed class Artifact
{
    private readonly ReadOnlyMemory<byte>? _content;
    private readonly Lazy<byte[]> _sha256;

    private Artifact(ReadOnlyMemory<byte>? content, Lazy<byte[]> sha256) => (_content, _sha256) = (content, sha256);

    /// <summary>The content itself.</summary>
    public static Artifact OfContent(ReadOnlyMemory<byte> content) => new(content, new Lazy<byte[]>(() => SHA256.HashData(content.Span)));

    /// <summary>The content's SHA-256 digest. Signatures that cover the content by another hash cannot be verified with it.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static Artifact OfSha256(byte[] digest) =>
        digest.Length == SHA256.HashSizeInBytes ? new Artifact(null, new Lazy<byte[]>(digest)) : throw new ArgumentException("A SHA-256 digest has 32 bytes.", nameof(digest));

    /// <summary>The SHA-256 digest.</summary>
    public byte[] Sha256 => _sha256.Value;

    /// <summary>The content; null where only the digest is known.</summary>
    internal ReadOnlyMemory<byte>? Content => _content;

    /// <summary>The digest by this algorithm; null where it is not known.</summary>
    internal byte[]? Digest(HashAlgorithmName algorithm) =>
        algorithm == HashAlgorithmName.SHA256 ? Sha256 : _content is { } content ? CryptographicOperations.HashData(algorithm, content.Span) : null;
}
