using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The timestamps that certificate transparency logs embed in a certificate (RFC 6962, sections 3.2 and 3.3).</summary>
internal static class SignedCertificateTimestamps
{
    private const string ListExtension = "1.3.6.1.4.1.11129.2.4.2";
    private static readonly Asn1Tag Extensions = new(TagClass.ContextSpecific, 3);

    /// <summary>How many different trusted logs vouch for the certificate; where none does, why.</summary>
    public static (int Verified, string Reason) Count(X509Certificate2 certificate, VerificationKey issuer, ImmutableArray<TransparencyLog> logs)
    {
        try
        {
            if (certificate.Extensions.FirstOrDefault(e => e.Oid!.Value == ListExtension) is not { } extension)
            {
                return (0, "the certificate has no certificate timestamp");
            }

            var timestamps = Parse(extension.RawData);
            var tbs = WithoutList(certificate.RawData);
            var issuerKey = SHA256.HashData(issuer.SubjectPublicKeyInfo);
            var verified = new HashSet<string>();
            var reason = "the certificate's list of timestamps is empty";
            foreach (var timestamp in timestamps)
            {
                if (timestamp.Check(tbs, issuerKey, logs) is { } why)
                {
                    reason = why;
                }
                else
                {
                    verified.Add(Convert.ToHexString(timestamp.LogId));
                }
            }

            return (verified.Count, verified.Count > 0 ? "" : reason);
        }
        catch (Exception e) when (e is AsnContentException or FormatException or ArgumentException)
        {
            return (0, "the certificate's list of timestamps cannot be read");
        }
    }

    private static List<Timestamp> Parse(byte[] extension)
    {
        var wrapped = new AsnReader(extension, AsnEncodingRules.DER);
        ReadOnlySpan<byte> list = Take16(wrapped.ReadOctetString(), out var rest);
        wrapped.ThrowIfNotEmpty();
        var timestamps = new List<Timestamp>();
        for (var more = rest.IsEmpty; more && !list.IsEmpty;)
        {
            var one = Take16(list, out list);
            var extensions = Take16(one[41..], out var tail);
            var signature = Take16(tail[2..], out var end);
            if (!end.IsEmpty)
            {
                throw new FormatException();
            }

            timestamps.Add(new Timestamp(one[0], one[1..33].ToArray(), BinaryPrimitives.ReadUInt64BigEndian(one[33..]), extensions.ToArray(), tail[0], tail[1], signature.ToArray()));
        }

        return timestamps;
    }

    private static ReadOnlySpan<byte> Take16(ReadOnlySpan<byte> bytes, out ReadOnlySpan<byte> rest)
    {
        var length = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        rest = bytes[(2 + length)..];
        return bytes.Slice(2, length);
    }

    /// <summary>The precertificate's TBSCertificate: the certificate's own without the list of timestamps, everything else as it was.</summary>
    private static byte[] WithoutList(byte[] certificate)
    {
        var tbs = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence().ReadSequence();
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            while (tbs.HasData)
            {
                if (!tbs.PeekTag().HasSameClassAndValue(Extensions))
                {
                    writer.WriteEncodedValue(tbs.ReadEncodedValue().Span);
                    continue;
                }

                var extensions = tbs.ReadSequence(Extensions).ReadSequence();
                var kept = new List<ReadOnlyMemory<byte>>();
                while (extensions.HasData)
                {
                    var encoded = extensions.ReadEncodedValue();
                    if (new AsnReader(encoded, AsnEncodingRules.DER).ReadSequence().ReadObjectIdentifier() != ListExtension)
                    {
                        kept.Add(encoded);
                    }
                }

                if (kept.Count > 0)
                {
                    using var tagged = writer.PushSequence(Extensions);
                    using var sequence = writer.PushSequence();
                    kept.ForEach(e => writer.WriteEncodedValue(e.Span));
                }
            }
        }

        return writer.Encode();
    }

    private sealed record Timestamp(byte Version, byte[] LogId, ulong Milliseconds, byte[] Extensions, byte Hash, byte Algorithm, byte[] Signature)
    {
        private const byte Sha256 = 4;
        private const byte Rsa = 1;
        private const byte Ecdsa = 3;

        public string? Check(byte[] tbs, byte[] issuerKey, ImmutableArray<TransparencyLog> logs)
        {
            if (Version != 0 || Hash != Sha256 || Algorithm is not (Rsa or Ecdsa) || Milliseconds > 253402300799999)
            {
                return "a certificate timestamp is of an unknown version or algorithm";
            }

            var time = DateTimeOffset.FromUnixTimeMilliseconds((long)Milliseconds);
            var candidates = logs.Where(l => l.LogId.AsSpan().SequenceEqual(LogId)).ToList();
            if (candidates.Count == 0)
            {
                return $"the trusted root has no certificate transparency log {Convert.ToHexStringLower(LogId)}";
            }

            if (candidates.Find(l => l.ValidFor.Contains(time)) is not { Key: { } key } log)
            {
                return $"the certificate transparency log {candidates[0].Name} was not trusted at {time:u}";
            }

            var scheme = Algorithm == Rsa ? SignatureScheme.RsaPkcs1 : SignatureScheme.Ecdsa;
            return key.Algorithm.Scheme == scheme && key.Verify(Signed(tbs, issuerKey), Signature, HashAlgorithmName.SHA256) ? null : $"a certificate timestamp is not by the key of {log.Name}";
        }

        private byte[] Signed(byte[] tbs, byte[] issuerKey)
        {
            var signed = new byte[12 + issuerKey.Length + 3 + tbs.Length + 2 + Extensions.Length];
            var span = signed.AsSpan();
            BinaryPrimitives.WriteUInt64BigEndian(span[2..], Milliseconds);
            span[11] = 1; // precert_entry
            issuerKey.CopyTo(span[12..]);
            span = span[(12 + issuerKey.Length)..];
            (span[0], span[1], span[2]) = ((byte)(tbs.Length >> 16), (byte)(tbs.Length >> 8), (byte)tbs.Length);
            tbs.CopyTo(span[3..]);
            BinaryPrimitives.WriteUInt16BigEndian(span[(3 + tbs.Length)..], (ushort)Extensions.Length);
            Extensions.CopyTo(span[(5 + tbs.Length)..]);
            return signed;
        }
    }
}
