using System.Collections.Immutable;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The versions of the bundle format.</summary>
public enum BundleVersion
{
    /// <summary>v0.1: a certificate chain, and an inclusion promise or proof.</summary>
    V01,

    /// <summary>v0.2: an inclusion proof with its checkpoint is required.</summary>
    V02,

    /// <summary>v0.3: one certificate in place of a chain.</summary>
    V03,
}

/// <summary>A signature with everything that is needed to verify it (Sigstore bundle format, <c>sigstore_bundle.proto</c>).</summary>
public sealed record Bundle
{
    /// <summary>The media type that this client writes.</summary>
    public const string MediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";

    /// <summary>The largest bundle that is read, in bytes.</summary>
    public const int MaxBytes = 32 << 20;

    /// <summary>The version it is written in.</summary>
    public required BundleVersion Version { get; init; }

    /// <summary>The signing certificate first (DER), then what the signer sent along; empty where a long-lived key signed.</summary>
    public ImmutableArray<byte[]> Certificates { get; init; } = [];

    /// <summary>What the signer says about its long-lived key; null where a certificate signed.</summary>
    public string? KeyHint { get; init; }

    /// <summary>Entries in transparency logs.</summary>
    public ImmutableArray<LogEntry> LogEntries { get; init; } = [];

    /// <summary>RFC 3161 responses (DER).</summary>
    public ImmutableArray<byte[]> Timestamps { get; init; } = [];

    /// <summary>What was signed, and the signature.</summary>
    public required BundleContent Content { get; init; }

    /// <summary>Reads a bundle of version 0.1 to 0.3 from JSON.</summary>
    /// <exception cref="SigstoreException">Not such a bundle; the message says what is wrong and where.</exception>
    public static Bundle Parse(ReadOnlyMemory<byte> json) => BundleReader.Read(json);

    /// <summary>The bundle as JSON in version 0.3.</summary>
    public byte[] ToJson() => BundleWriter.Write(this);
}

/// <summary>What a bundle holds: a <see cref="MessageSignature"/> or a <see cref="DsseEnvelope"/>.</summary>
/// <param name="Signature">The signature's bytes.</param>
public abstract record BundleContent(byte[] Signature);

/// <summary>A signature over an artifact's bytes.</summary>
/// <param name="Digest">The SHA-256 digest that the signer noted; a hint that must agree with the artifact. Null where there is none.</param>
/// <param name="Signature">The signature.</param>
public sealed record MessageSignature(byte[]? Digest, byte[] Signature) : BundleContent(Signature);
