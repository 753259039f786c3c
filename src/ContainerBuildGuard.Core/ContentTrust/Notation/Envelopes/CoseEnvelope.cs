using System.Collections.Immutable;
using System.Formats.Cbor;
using System.Globalization;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>The COSE envelope: COSE_Sign1 with its tag (RFC 9052, section 4.2; Notary Project, "COSE Sign1 Signature Envelope").</summary>
internal static class CoseEnvelope
{
    public const string MediaType = "application/cose";
    public const CborTag Sign1 = (CborTag)18;
    public const int AlgorithmLabel = 1;
    public const int CriticalLabel = 2;
    public const int ContentTypeLabel = 3;
    public const int ChainLabel = 33;

    /// <exception cref="NotationException">Not such an envelope.</exception>
    public static NotationEnvelope Read(ReadOnlyMemory<byte> content)
    {
        try
        {
            var reader = new CborReader(content, CborConformanceMode.Strict);
            if (reader.ReadTag() != Sign1 || reader.ReadStartArray() != 4)
            {
                throw new NotationException("the envelope is not a tagged COSE_Sign1");
            }

            var signed = reader.ReadByteString();
            var (headers, chain) = ReadHeaders(signed);
            var (timestamp, unsignedChain) = ReadUnsigned(reader);
            var payload = reader.ReadByteString();
            var signature = reader.ReadByteString();
            reader.ReadEndArray();
            if (reader.BytesRemaining > 0 || (chain is not null && unsignedChain is not null))
            {
                throw new NotationException(reader.BytesRemaining > 0 ? "something follows the envelope" : "the certificate chain is there signed and unsigned");
            }

            return new NotationEnvelope
            {
                Headers = headers,
                Payload = payload,
                ToBeSigned = ToBeSigned(signed, payload),
                Signature = signature,
                Chain = NotationEnvelope.ReadChain(chain ?? unsignedChain ?? []),
                Timestamp = timestamp,
            };
        }
        catch (Exception e) when (e is CborContentException or InvalidOperationException or OverflowException or ArgumentException)
        {
            throw new NotationException("the envelope is not valid CBOR of the form that COSE_Sign1 has", e);
        }
    }

    /// <summary>The Sig_structure (RFC 9052, section 4.4).</summary>
    public static byte[] ToBeSigned(byte[] headers, byte[] payload)
    {
        var writer = new CborWriter(CborConformanceMode.Canonical);
        writer.WriteStartArray(4);
        writer.WriteTextString("Signature1");
        writer.WriteByteString(headers);
        writer.WriteByteString([]);
        writer.WriteByteString(payload);
        writer.WriteEndArray();
        return writer.Encode();
    }

    private static (ProtectedHeaders Headers, List<byte[]>? Chain) ReadHeaders(byte[] signed)
    {
        var reader = new CborReader(signed, CborConformanceMode.Strict);
        var names = ImmutableHashSet.CreateBuilder<string>();
        var headers = new ProtectedHeaders();
        List<byte[]>? chain = null;
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            var (label, name) = ReadLabel(reader);
            names.Add(name);
            if (label == ChainLabel)
            {
                chain = ReadChain(reader);
                continue;
            }

            headers = (label, name) switch
            {
                (AlgorithmLabel, _) => headers with { Algorithm = ReadAlgorithm(reader) },
                (CriticalLabel, _) => headers with { Critical = ReadCritical(reader) },
                (ContentTypeLabel, _) => headers with { ContentType = reader.ReadTextString() },
                (null, ProtectedHeaders.Scheme) => headers with { SigningScheme = reader.ReadTextString() },
                (null, ProtectedHeaders.Time) => headers with { SigningTime = ReadTime(reader) },
                (null, ProtectedHeaders.AuthenticTime) => headers with { AuthenticSigningTime = ReadTime(reader) },
                (null, ProtectedHeaders.ExpiryTime) => headers with { Expiry = ReadTime(reader) },
                _ => Skip(reader, headers),
            };
        }

        reader.ReadEndMap();
        return reader.BytesRemaining == 0 ? (headers with { Names = names.ToImmutable() }, chain) : throw new NotationException("something follows the protected header");
    }

    private static (byte[]? Timestamp, List<byte[]>? Chain) ReadUnsigned(CborReader reader)
    {
        byte[]? timestamp = null;
        List<byte[]>? chain = null;
        reader.ReadStartMap();
        while (reader.PeekState() != CborReaderState.EndMap)
        {
            switch (ReadLabel(reader))
            {
                case (ChainLabel, _):
                    chain = ReadChain(reader);
                    break;
                case (null, ProtectedHeaders.TimestampSignature):
                    timestamp = reader.ReadByteString();
                    break;
                case (AlgorithmLabel or CriticalLabel or ContentTypeLabel, _) or (null, ProtectedHeaders.Scheme or ProtectedHeaders.Time or ProtectedHeaders.AuthenticTime or ProtectedHeaders.ExpiryTime):
                    throw new NotationException("an attribute that has to be signed is unsigned");
                default:
                    reader.SkipValue();
                    break;
            }
        }

        reader.ReadEndMap();
        return (timestamp, chain);
    }

    private static EnvelopeAlgorithm? ReadAlgorithm(CborReader reader)
    {
        var id = reader.ReadInt32();
        return EnvelopeAlgorithm.All.FirstOrDefault(a => a.CoseId == id);
    }

    private static ProtectedHeaders Skip(CborReader reader, ProtectedHeaders headers)
    {
        reader.SkipValue();
        return headers;
    }

    /// <summary>A label is a number or a text; a text of digits is not the number.</summary>
    private static (int? Label, string Name) ReadLabel(CborReader reader)
    {
        if (reader.PeekState() == CborReaderState.TextString)
        {
            return (null, reader.ReadTextString());
        }

        var label = reader.ReadInt32();
        return (label, string.Create(CultureInfo.InvariantCulture, $"label {label}"));
    }

    private static ImmutableArray<string> ReadCritical(CborReader reader)
    {
        var critical = ImmutableArray.CreateBuilder<string>();
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            critical.Add(ReadLabel(reader).Name);
        }

        reader.ReadEndArray();
        return critical.ToImmutable();
    }

    /// <summary>A list of certificates; a single one may stand alone (RFC 9360, section 2).</summary>
    private static List<byte[]> ReadChain(CborReader reader)
    {
        if (reader.PeekState() == CborReaderState.ByteString)
        {
            return [reader.ReadByteString()];
        }

        var chain = new List<byte[]>();
        reader.ReadStartArray();
        while (reader.PeekState() != CborReaderState.EndArray)
        {
            chain.Add(reader.ReadByteString());
        }

        reader.ReadEndArray();
        return chain;
    }

    private static DateTimeOffset ReadTime(CborReader reader) =>
        reader.ReadTag() == CborTag.UnixTimeSeconds && reader.PeekState() is CborReaderState.UnsignedInteger or CborReaderState.NegativeInteger
            ? DateTimeOffset.FromUnixTimeSeconds(reader.ReadInt64())
            : throw new NotationException("a time of the protected header is not in whole seconds since 1970");
}
