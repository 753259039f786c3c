using System.Formats.Cbor;
using static ContainerBuildGuard.ContentTrust.Notation.CoseEnvelope;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>Writes COSE envelopes, in the deterministic form.</summary>
internal static class CoseWriter
{
    /// <summary>The protected header, as it is signed.</summary>
    public static byte[] WriteHeaders(ProtectedHeaders headers)
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        var times = headers.Times().ToList();
        writer.WriteStartMap(4 + times.Count);
        writer.WriteInt32(AlgorithmLabel);
        writer.WriteInt32(headers.Algorithm!.CoseId);
        writer.WriteInt32(CriticalLabel);
        writer.WriteStartArray(headers.Critical.Length);
        foreach (var name in headers.Critical)
        {
            writer.WriteTextString(name);
        }

        writer.WriteEndArray();
        writer.WriteInt32(ContentTypeLabel);
        writer.WriteTextString(headers.ContentType!);
        writer.WriteTextString(ProtectedHeaders.Scheme);
        writer.WriteTextString(headers.SigningScheme!);
        foreach (var (name, time) in times)
        {
            writer.WriteTextString(name);
            writer.WriteTag(CborTag.UnixTimeSeconds);
            writer.WriteInt64(time.ToUnixTimeSeconds());
        }

        writer.WriteEndMap();
        return writer.Encode();
    }

    public static byte[] Write(byte[] headers, byte[] payload, byte[] signature, IReadOnlyCollection<byte[]> chain, byte[]? timestamp, string agent)
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        writer.WriteTag(Sign1);
        writer.WriteStartArray(4);
        writer.WriteByteString(headers);
        writer.WriteStartMap(timestamp is null ? 2 : 3);
        writer.WriteInt32(ChainLabel);
        writer.WriteStartArray(chain.Count);
        foreach (var certificate in chain)
        {
            writer.WriteByteString(certificate);
        }

        writer.WriteEndArray();
        writer.WriteTextString(ProtectedHeaders.Agent);
        writer.WriteTextString(agent);
        if (timestamp is not null)
        {
            writer.WriteTextString(ProtectedHeaders.TimestampSignature);
            writer.WriteByteString(timestamp);
        }

        writer.WriteEndMap();
        writer.WriteByteString(payload);
        writer.WriteByteString(signature);
        writer.WriteEndArray();
        return writer.Encode();
    }
}
