using System.Collections.Immutable;
using System.Formats.Asn1;
using System.Reflection;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Sigstore;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>What to sign with by the Notary Project's rules.</summary>
public sealed record NotationSigningOptions
{
    /// <summary>A reference to the private key.</summary>
    public required string Key { get; init; }

    /// <summary>Opens keys on PKCS#11 tokens; null where none can be.</summary>
    public Func<string, CancellationToken, Task<ISigner>>? OpenToken { get; init; }

    /// <summary>The key's certificate with its chain up to the root, PEM or DER; null where they come with the key (PKCS#12, PEM).</summary>
    public string? CertificateChainFile { get; init; }

    /// <summary>The envelope: <c>jws</c> or <c>cose</c>.</summary>
    public string Format { get; init; } = "jws";

    /// <summary>A timestamp authority (RFC 3161); null for none.</summary>
    public Uri? TimestampAuthority { get; init; }

    /// <summary>The root that the authority's timestamp must lead to.</summary>
    public string? TimestampRootFile { get; init; }

    /// <summary>After how long the signature expires; null where it does not.</summary>
    public TimeSpan? Expiry { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A signer that is ready: key, chain and roots are there and fit together. Made before anything else is done, so that a wrong one stops early.</summary>
public sealed class NotationSigning : IDisposable
{
    private static readonly string Agent = $"ContainerBuildGuard/{typeof(NotationSigning).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]}";
    private readonly NotationSigningOptions _options;
    private readonly HttpClient _http;
    private readonly ISigner _signer;
    private readonly ImmutableArray<X509Certificate2> _chain;
    private readonly TrustAnchors _timestampRoots;
    private readonly EnvelopeAlgorithm _algorithm;

    private NotationSigning(NotationSigningOptions options, HttpClient http, ISigner signer, ImmutableArray<X509Certificate2> chain, TrustAnchors timestampRoots, EnvelopeAlgorithm algorithm) =>
        (_options, _http, _signer, _chain, _timestampRoots, _algorithm) = (options, http, signer, chain, timestampRoots, algorithm);

    /// <summary>The certificate's subject.</summary>
    public string Name => _chain[0].Subject;

    /// <exception cref="GuardException">CBG3005: key or chain are missing or unusable. CBG9009: an option is wrong.</exception>
    public static async Task<NotationSigning> OpenAsync(NotationSigningOptions options, CancellationToken cancellationToken)
    {
        CheckOptions(options);
        var http = TrustHttp.Create(TimeSpan.FromSeconds(60));
        ISigner? signer = null;
        try
        {
            signer = await SigningKeys.OpenPrivateAsync(options.Key, http, options.OpenToken, cancellationToken);
            var certificates = options.CertificateChainFile is { } file ? ReadCertificates(file) : await SigningKeys.ReadCertificatesAsync(options.Key);
            var chain = Order(certificates, signer.PublicKey);
            var reason = CertificateChain.Check(chain, ChainUse.CodeSigning) ?? CertificateChain.CheckValidity(chain, options.Time.GetUtcNow(), options.Time.GetUtcNow());
            var algorithm = reason is null ? EnvelopeAlgorithm.Of(chain[0]) : throw new NotationException(reason);
            return new NotationSigning(options, http, signer, chain, options.TimestampRootFile is { } root ? TrustAnchors.Of(ReadCertificates(root)) : TrustAnchors.None, algorithm);
        }
        catch (Exception e)
        {
            signer?.Dispose();
            http.Dispose();
            throw e is NotationException ? new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, $"'{options.Key}' cannot sign for the Notary Project: {e.Message}.", e) : e;
        }
    }

    public void Dispose()
    {
        _signer.Dispose();
        _http.Dispose();
    }

    /// <summary>Signs each manifest and attaches the signatures.</summary>
    /// <exception cref="GuardException">CBG3006: the key's holder or the timestamp authority refused, or answered with what does not verify.</exception>
    /// <exception cref="ImageException">The registry refused or cannot be reached.</exception>
    public async Task SignAsync(RegistryClient client, string registry, string repository, IEnumerable<Descriptor> manifests, CancellationToken cancellationToken)
    {
        var store = new NotationSignatureStore(client, registry, repository);
        foreach (var manifest in manifests)
        {
            var (mediaType, envelope) = await SignAsync(manifest, cancellationToken);
            await store.AddAsync(manifest, mediaType, envelope, _chain, _options.Time.GetUtcNow(), cancellationToken);
        }
    }

    /// <summary>The envelope for an artifact. It is read and verified again before it is handed out.</summary>
    internal async Task<(string MediaType, byte[] Envelope)> SignAsync(Descriptor artifact, CancellationToken cancellationToken)
    {
        try
        {
            var payload = NotationPayload.Write(artifact);
            var mediaType = _options.Format == "cose" ? CoseEnvelope.MediaType : JwsEnvelope.MediaType;
            var envelope = await WriteAsync(Headers(), payload, cancellationToken);
            var written = NotationEnvelope.Parse(mediaType, envelope);
            return NotationPayload.Check(written.Payload, artifact) is { } reason ? throw new NotationException(reason) : (mediaType, envelope);
        }
        catch (Exception e) when (e is SigstoreException or KeyException or NotationException or CryptographicException or AsnContentException)
        {
            throw new GuardException(ContentTrustRules.SigningFailed.Code, GuardFailure.Environment, $"Signing failed: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private ProtectedHeaders Headers()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(_options.Time.GetUtcNow().ToUnixTimeSeconds());
        return new ProtectedHeaders
        {
            Algorithm = _algorithm,
            ContentType = ProtectedHeaders.PayloadType,
            Critical = _options.Expiry is null ? [ProtectedHeaders.Scheme] : [ProtectedHeaders.Scheme, ProtectedHeaders.ExpiryTime],
            SigningScheme = ProtectedHeaders.X509,
            SigningTime = now,
            Expiry = now + _options.Expiry,
        };
    }

    private async Task<byte[]> WriteAsync(ProtectedHeaders headers, byte[] payload, CancellationToken cancellationToken)
    {
        var chain = _chain.Select(c => c.RawData).ToList();
        if (_options.Format == "cose")
        {
            var signed = CoseWriter.WriteHeaders(headers);
            var signature = await _algorithm.SignAsync(_signer, CoseEnvelope.ToBeSigned(signed, payload), cancellationToken);
            return CoseWriter.Write(signed, payload, signature, chain, await TimestampAsync(signature, cancellationToken), Agent);
        }

        var text = JwsEnvelope.WriteHeaders(headers);
        var bytes = await _algorithm.SignAsync(_signer, JwsEnvelope.ToBeSigned(text, payload), cancellationToken);
        return JwsEnvelope.Write(text, payload, bytes, chain, await TimestampAsync(bytes, cancellationToken), Agent);
    }

    private async Task<byte[]?> TimestampAsync(byte[] signature, CancellationToken cancellationToken)
    {
        if (_options.TimestampAuthority is not { } authority)
        {
            return null;
        }

        var token = await TimestampClient.RequestTokenAsync(_http, authority, signature, cancellationToken);
        _ = Countersignature.Verify(token, signature, _timestampRoots);
        return token;
    }

    /// <summary>Leaf to root, whatever the order in the file.</summary>
    private static ImmutableArray<X509Certificate2> Order(IReadOnlyList<X509Certificate2> certificates, VerificationKey key)
    {
        var leaf = certificates.FirstOrDefault(c => c.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(key.SubjectPublicKeyInfo))
            ?? throw new NotationException("no certificate for the key is there: name it with its chain (--certificate-chain, ContainerBuildGuardCertificateChain), or use a PKCS#12 file that has them");
        var chain = new List<X509Certificate2> { leaf };
        while (!CertificateChain.IsIssuedBy(chain[^1], chain[^1]))
        {
            chain.Add(certificates.FirstOrDefault(c => !chain.Contains(c) && CertificateChain.IsIssuedBy(chain[^1], c))
                ?? throw new NotationException($"the chain lacks the certificate '{chain[^1].Issuer}': it has to reach the root"));
        }

        return [.. chain];
    }

    private static IReadOnlyList<X509Certificate2> ReadCertificates(string file)
    {
        try
        {
            return TrustStore.ReadCertificates(File.ReadAllBytes(file));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new GuardException(ContentTrustRules.KeyRequired.Code, GuardFailure.Input, $"The certificates '{file}' cannot be read ({e.Message.TrimEnd('.')}).", e);
        }
    }

    private static void CheckOptions(NotationSigningOptions options)
    {
        var wrong = options.Format is not ("jws" or "cose") ? $"The envelope format is '{options.Format}': use jws or cose."
            : options.Expiry <= TimeSpan.Zero ? "The expiry is no time to come: write it in hours and minutes, 24h or 1h30m."
            : (options.TimestampAuthority is null) != (options.TimestampRootFile is null) ? "A timestamp authority and the root of its certificates go together: name both."
            : options.TimestampAuthority is { } authority && authority.Scheme is not ("http" or "https") ? $"The timestamp authority '{authority}' is no http or https address."
            : null;
        if (wrong is not null)
        {
            throw new GuardException("CBG9009", GuardFailure.Input, wrong);
        }
    }
}
