using System.Formats.Asn1;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Asks a timestamp authority to witness a signature (RFC 3161, sections 2.4.1 and 3.4).</summary>
public static class TimestampClient
{
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    /// <summary>The token alone (a TimeStampToken, as Notary Project signatures carry it) over the SHA-256 of <paramref name="signature"/>, from any RFC 3161 authority.</summary>
    /// <param name="http">The client.</param>
    /// <param name="authority">The authority's address.</param>
    /// <param name="signature">What is to be witnessed.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="SigstoreException">Refused, unreachable, or an answer to another request.</exception>
    public static async Task<byte[]> RequestTokenAsync(HttpClient http, Uri authority, byte[] signature, CancellationToken cancellationToken) =>
        TimestampToken.TokenOf(await RequestAsync(http, authority, signature, TimestampToken.ParseAnyResponse, cancellationToken).ConfigureAwait(false)).ToArray();

    /// <summary>The whole response (DER), as bundles carry it.</summary>
    internal static Task<byte[]> RequestAsync(HttpClient http, Uri authority, byte[] signature, CancellationToken cancellationToken) =>
        RequestAsync(http, authority, signature, TimestampToken.ParseResponse, cancellationToken);

    private static async Task<byte[]> RequestAsync(HttpClient http, Uri authority, byte[] signature, Func<ReadOnlyMemory<byte>, TimestampToken> parse, CancellationToken cancellationToken)
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
        var token = parse(answer);
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
