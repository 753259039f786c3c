using System.Collections.Immutable;
using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>The services that witness signatures.</summary>
/// <param name="Logs">Transparency logs, each of which gets an entry.</param>
/// <param name="TimestampAuthorities">Timestamp authorities, each of which is asked.</param>
public sealed record SigningServices(ImmutableArray<SigstoreService> Logs, ImmutableArray<SigstoreService> TimestampAuthorities)
{
    private const int HighestLogVersion = 2;

    /// <summary>No witnesses: what a long-lived key needs at least.</summary>
    public static SigningServices None { get; } = new([], []);

    /// <summary>The services that a configuration asks for now.</summary>
    /// <exception cref="SigstoreException">It has too few.</exception>
    public static SigningServices From(SigningConfig config, DateTimeOffset now)
    {
        var logs = config.TransparencyLogs.IsEmpty ? [] : SigningConfig.Select(config.TransparencyLogs, config.TransparencyLogSelection, HighestLogVersion, now);
        var authorities = config.TimestampAuthorities.IsEmpty ? [] : SigningConfig.Select(config.TimestampAuthorities, config.TimestampSelection, 1, now);
        return new SigningServices(logs, authorities);
    }
}

/// <summary>Signs, has the signature witnessed, and hands out nothing that does not verify.</summary>
/// <param name="credential">What signs.</param>
/// <param name="services">What witnesses.</param>
/// <param name="trustedRoot">What the result is verified against; null where a key signs without witnesses.</param>
/// <param name="http">The client for the services; it should follow no redirects, so that nothing goes to another host than the one that is meant.</param>
public sealed class BundleSigner(SigningCredential credential, SigningServices services, TrustedRoot? trustedRoot, HttpClient http)
{
    /// <summary>Who signs, for people.</summary>
    public string Name => credential.Name;

    /// <summary>The key.</summary>
    public ISigner Signer => credential.Signer;

    /// <summary>Whether an identity signs, by a certificate, and not a long-lived key.</summary>
    public bool IsIdentity => credential.Certificate is not null;

    /// <summary>Signs an in-toto statement.</summary>
    /// <exception cref="SigstoreException">A service refused or cannot be reached, or what came of it does not verify.</exception>
    /// <exception cref="KeyException">The key's holder refused or cannot be reached.</exception>
    public async Task<Bundle> SignStatementAsync(ReadOnlyMemory<byte> statement, CancellationToken cancellationToken)
    {
        var covered = DsseEnvelope.PreAuthenticationEncoding(DsseEnvelope.InTotoPayloadType, statement.Span);
        var signature = await credential.Signer.SignAsync(covered, cancellationToken).ConfigureAwait(false);
        var content = new DsseEnvelope(statement.ToArray(), DsseEnvelope.InTotoPayloadType, signature, credential.Certificate is null ? credential.Signer.PublicKey.KeyId : "");
        var subject = InTotoStatement.Parse(statement).Subjects.Select(s => s.Digests.GetValueOrDefault("sha256")).FirstOrDefault(d => d is { Length: 64 })
            ?? throw new SigstoreException(SigstoreError.Malformed, "the statement has no subject with a SHA-256 digest");
        return await CompleteAsync(content, Artifact.OfSha256(Convert.FromHexString(subject)), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Signs content.</summary>
    /// <exception cref="SigstoreException">As for <see cref="SignStatementAsync"/>.</exception>
    /// <exception cref="KeyException">As for <see cref="SignStatementAsync"/>.</exception>
    public async Task<Bundle> SignContentAsync(ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var signature = await credential.Signer.SignAsync(content, cancellationToken).ConfigureAwait(false);
        return await CompleteAsync(new MessageSignature(SHA256.HashData(content.Span), signature), Artifact.OfContent(content), cancellationToken).ConfigureAwait(false);
    }

    private async Task<Bundle> CompleteAsync(BundleContent content, Artifact artifact, CancellationToken cancellationToken)
    {
        var timestamps = await Task.WhenAll(services.TimestampAuthorities.Select(a => TimestampClient.RequestAsync(http, a.Url, content.Signature, cancellationToken))).ConfigureAwait(false);
        var entries = await Task.WhenAll(services.Logs.Select(l => RekorClient.AddAsync(http, l, content, artifact.Sha256, credential, cancellationToken))).ConfigureAwait(false);
        var bundle = new Bundle
        {
            Version = BundleVersion.V03,
            Certificates = credential.Certificate is { } certificate ? [certificate] : [],
            KeyHint = credential.Certificate is null ? credential.Signer.PublicKey.KeyId : null,
            Timestamps = [.. timestamps],
            LogEntries = [.. entries],
            Content = content,
        };
        var result = new BundleVerifier(trustedRoot).Verify(bundle, artifact, Policy());
        return result.Verified ? bundle : throw new SigstoreException(SigstoreError.Untrusted, $"the signature that was just made does not verify: {result.Reason}");
    }

    /// <summary>Whatever identity the authority put in: that it is the token's issuer's is what can be known here.</summary>
    private VerificationPolicy Policy() => credential.Certificate is null
        ? VerificationPolicy.ForKey(credential.Signer.PublicKey)
        : VerificationPolicy.ForIdentities(new CertificateIdentity { Subject = TextMatch.Pattern(".+"), Issuer = credential.Issuer is { } issuer ? TextMatch.Exactly(issuer) : TextMatch.Pattern(".+") });
}
