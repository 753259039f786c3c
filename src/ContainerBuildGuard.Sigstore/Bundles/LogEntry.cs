using System.Collections.Immutable;

namespace ContainerBuildGuard.Sigstore;

/// <summary>An entry of a transparency log as a bundle carries it (<c>sigstore_rekor.proto</c>, TransparencyLogEntry).</summary>
public sealed record LogEntry
{
    /// <summary>The index in the whole log.</summary>
    public required long LogIndex { get; init; }

    /// <summary>The log's key identity.</summary>
    public required byte[] LogId { get; init; }

    /// <summary>The entry's kind: <c>hashedrekord</c>, <c>dsse</c> or <c>intoto</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The kind's version.</summary>
    public required string KindVersion { get; init; }

    /// <summary>Seconds since 1970 when the log took the entry; 0 where the log does not say (Rekor v2).</summary>
    public long IntegratedTime { get; init; }

    /// <summary>The log's signed promise (Rekor v1); null where there is none.</summary>
    public byte[]? SignedEntryTimestamp { get; init; }

    /// <summary>The proof that the entry is in the log; null where there is none.</summary>
    public InclusionProof? InclusionProof { get; init; }

    /// <summary>The entry as the log holds it.</summary>
    public required byte[] CanonicalizedBody { get; init; }
}

/// <summary>A Merkle audit path (RFC 6962, section 2.1.1) and the checkpoint that signs its root.</summary>
/// <param name="LogIndex">The index in the tree.</param>
/// <param name="TreeSize">The number of leaves.</param>
/// <param name="RootHash">The root's hash.</param>
/// <param name="Hashes">The path, from the leaf's neighbour upward.</param>
/// <param name="Checkpoint">The signed note; null where there is none.</param>
public sealed record InclusionProof(long LogIndex, long TreeSize, byte[] RootHash, ImmutableArray<byte[]> Hashes, string? Checkpoint);
