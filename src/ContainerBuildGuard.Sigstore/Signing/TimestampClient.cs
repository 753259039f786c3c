using System.Formats.Asn1;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Asks a timestamp authority to witness a signature (RFC 3161, sections 2.4.1 and 3.4).</summary>
internal static class TimestampClient
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    /// <summary>The whole response (DER), as bundles carry it.</summary>
    public static async Task<byte[]> RequestAsync(HttpClient http, Uri authority, byte[] signature, CancellationToken cancellationToken)
    {
        // 48 bits: some authorities read the nonce as a double.
        var nonce = new BigInteger(RandomNumberGenerator.GetBytes(6), isUnsigned: true, isBigEndian: true);
        var query = Query(SHA256.HashData(signature), nonce);
        var (_, answer, _) = await ServiceCall.SendAsync(
            http,
            $"The timestamp authority {authority.Host}",
            () =>
            {
                var content = new ByteArrayContent(query);
                content.Headers.ContentType = new("application/timestamp-query");
                return new HttpRequestMessage(HttpMethod.Post, authority) { Content = content };
            },
            s => s is HttpStatusCode.OK or HttpStatusCode.Created,
            cancellationToken).ConfigureAwait(false);
        var token = TimestampToken.ParseResponse(answer);
        return token.Nonce is { } returned && new BigInteger(returned, isUnsigned: true, isBigEndian: true) == nonce && token.Imprint.AsSpan().SequenceEqual(SHA256.HashData(signature))
            ? answer
            : throw new SigstoreException(SigstoreError.Untrusted, $"the timestamp authority {authority.Host} answers another request than the one it was sent");
    }

    private static byte[] Query(byte[] digest, BigInteger nonce)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(Sha256);
                }

                writer.WriteOctetString(digest);
            }

            writer.WriteInteger(nonce);
            writer.WriteBoolean(true);
        }

        return writer.Encode();
    }
}
