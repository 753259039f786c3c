using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>A Notary Project signature, in whichever envelope it came.</summary>
internal sealed record NotationEnvelope
{
    /// <summary>Far above what a signature with its chain and timestamp needs.</summary>
    public const int MaxBytes = 4 << 20;

    private const int MaxCertificates = 10;

    public required ProtectedHeaders Headers { get; init; }

    public required byte[] Payload { get; init; }

    /// <summary>What the signature covers.</summary>
    public required byte[] ToBeSigned { get; init; }

    public required byte[] Signature { get; init; }

    /// <summary>Leaf to root, as they came.</summary>
    public required ImmutableArray<X509Certificate2> Chain { get; init; }

    /// <summary>A TimeStampToken over <see cref="Signature"/>; null where there is none.</summary>
    public byte[]? Timestamp { get; init; }

    public X509Certificate2 Leaf => Chain[0];

    /// <summary>Reads an envelope by its media type and checks everything about it that needs no trust: form, attributes, algorithm, signature.</summary>
    /// <exception cref="NotationException">The first thing that is wrong.</exception>
    public static NotationEnvelope Parse(string mediaType, ReadOnlyMemory<byte> content)
    {
        if (content.Length > MaxBytes)
        {
            throw new NotationException($"the envelope has {content.Length} bytes, over the limit of {MaxBytes}");
        }

        var envelope = mediaType switch
        {
            JwsEnvelope.MediaType => JwsEnvelope.Read(content),
            CoseEnvelope.MediaType => CoseEnvelope.Read(content),
            _ => throw new NotationException($"the envelope's media type '{mediaType}' is neither {JwsEnvelope.MediaType} nor {CoseEnvelope.MediaType}"),
        };
        envelope.Headers.Check();
        var algorithm = EnvelopeAlgorithm.Of(envelope.Leaf);
        if (algorithm != envelope.Headers.Algorithm)
        {
            throw new NotationException($"the envelope says {envelope.Headers.Algorithm!.Name}, and its key signs as {algorithm.Name}");
        }

        return algorithm.Verify(envelope.Leaf, envelope.ToBeSigned, envelope.Signature) ? envelope : throw new NotationException("the signature is not by its certificate's key over this content");
    }

    /// <summary>The certificates of an envelope.</summary>
    /// <exception cref="NotationException">None, too many, or not DER.</exception>
    public static ImmutableArray<X509Certificate2> ReadChain(IReadOnlyList<byte[]> certificates)
    {
        if (certificates.Count is 0 or > MaxCertificates)
        {
            throw new NotationException(certificates.Count == 0 ? "the envelope has no certificates" : $"the envelope has more than {MaxCertificates} certificates");
        }

        try
        {
            return [.. certificates.Select(c =>
            {
                var certificate = X509CertificateLoader.LoadCertificate(c);
                return certificate.RawDataMemory.Span.SequenceEqual(c) ? certificate : throw new CryptographicException("The certificate is not DER alone.");
            })];
        }
        catch (CryptographicException e)
        {
            throw new NotationException("a certificate of the envelope cannot be read", e);
        }
    }
}
