using System.Globalization;
using System.Text;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A DSSE envelope with its one signature (DSSE protocol 1.0).</summary>
/// <param name="Payload">The payload's bytes.</param>
/// <param name="PayloadType">What the payload is.</param>
/// <param name="Signature">The signature over <see cref="PreAuthenticationEncoding()"/>.</param>
/// <param name="KeyId">The signer's hint; empty where there is none.</param>
public sealed record DsseEnvelope(byte[] Payload, string PayloadType, byte[] Signature, string KeyId = "") : BundleContent(Signature)
{
    /// <summary>The payload type of in-toto statements.</summary>
    public const string InTotoPayloadType = "application/vnd.in-toto+json";

    /// <summary>What the signature covers.</summary>
    public byte[] PreAuthenticationEncoding() => PreAuthenticationEncoding(PayloadType, Payload);

    /// <summary>What a signature covers: the type and the payload with their lengths in bytes.</summary>
    public static byte[] PreAuthenticationEncoding(string payloadType, ReadOnlySpan<byte> payload) =>
        [.. Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"DSSEv1 {Encoding.UTF8.GetByteCount(payloadType)} {payloadType} {payload.Length} ")), .. payload];
}
