using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>One verification, step by step. A step answers null where it holds, or the reason why not; the first that does not hold ends the run.</summary>
internal sealed class VerificationRun(Bundle bundle, Artifact artifact, VerificationPolicy policy, TrustedRoot? root, DateTimeOffset now)
{
    /// <summary>How far this machine's clock may be behind those of logs and authorities.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(2);

    private readonly List<StepResult> _steps = [];
    private readonly List<DateTimeOffset> _times = [];
    private SigningCertificate? _certificate;
    private IssuerSignature? _issuerSignature;
    private VerificationKey? _issuer;
    private InTotoStatement? _statement;
    private int _timestampAuthorities;

    private VerificationKey Key => policy.Key ?? _certificate!.Key;

    public VerificationResult Run()
    {
        var logs = new LogVerification(bundle, root, now);
        var verified = Step(VerificationStep.Bundle, () => CheckKind() ?? ReadCertificate())
            && Step(VerificationStep.Timestamps, CheckTimestamps, bundle.Timestamps.IsEmpty ? "the bundle has no timestamps" : NoRoot)
            && Step(VerificationStep.SignedEntryTimestamps, () => logs.CheckPromises(_times), bundle.LogEntries.All(e => e.SignedEntryTimestamp is null) ? "the bundle has no promises of a log" : NoRoot)
            && Step(VerificationStep.SigningTime, CheckSigningTime)
            && Step(VerificationStep.CertificateChain, CheckChain, ByKey)
            && Step(VerificationStep.CertificateTransparency, CheckCertificateTransparency, ByKey ?? (policy.CertificateLogThreshold == 0 ? "the policy does not ask for it" : null))
            && Step(VerificationStep.Identity, CheckIdentity)
            && Step(VerificationStep.LogEntries, CheckEntries, bundle.LogEntries.IsEmpty && policy.LogThreshold == 0 ? "the bundle has no log entries" : null)
            && Step(VerificationStep.InclusionProofs, () => logs.CheckProofs(policy.LogThreshold), bundle.LogEntries.IsEmpty && policy.LogThreshold == 0 ? "the bundle has no log entries" : NoRoot)
            && Step(VerificationStep.Signature, CheckSignature)
            && Step(VerificationStep.Statement, CheckStatement, bundle.Content is MessageSignature ? "the bundle signs the artifact itself" : null);
        return verified
            ? new VerificationResult { Steps = [.. _steps], Certificate = _certificate, Statement = _statement, SigningTimes = [.. _times] }
            : new VerificationResult { Steps = [.. _steps] };
    }

    /// <summary>Reachable for a key alone: a certificate without a trusted root is refused at the first step.</summary>
    private string? NoRoot => root is null ? "no trusted root was given, so it was not asked" : null;

    private string? ByKey => policy.Key is null ? null : "a long-lived key signs without a certificate";

    private bool Step(VerificationStep step, Func<string?> check, string? notApplicable = null)
    {
        if (notApplicable is not null)
        {
            _steps.Add(new StepResult(step, StepOutcome.NotApplicable, notApplicable));
            return true;
        }

        var reason = Guarded(check);
        _steps.Add(new StepResult(step, reason is null ? StepOutcome.Passed : StepOutcome.Failed, reason ?? "it holds"));
        return reason is null;
    }

    /// <summary>Certificates are decoded where they are asked, and a damaged one is a reason like any other.</summary>
    private static string? Guarded(Func<string?> check)
    {
        try
        {
            return check();
        }
        catch (SigstoreException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is CryptographicException or AsnContentException)
        {
            return "a certificate or timestamp of the bundle cannot be decoded";
        }
    }

    private string? CheckKind() => (policy.Key, bundle.KeyHint) switch
    {
        (not null, null) => "the bundle is signed by a certificate, and a key is asked for",
        (null, not null) => "the bundle is signed by a key, and an identity is asked for",
        (null, null) when root is null => "a certificate cannot be verified without a trusted root",
        ({ }, { Length: > 0 } hint) when bundle.Content is DsseEnvelope { KeyId.Length: > 0 } envelope && envelope.KeyId != hint => "the bundle's key hint is not its envelope's key id",
        _ => null,
    };

    private string? ReadCertificate()
    {
        if (bundle.Certificates.IsEmpty)
        {
            return null;
        }

        _certificate = SigningCertificate.Parse(bundle.Certificates[0]);

        // A timestamp's signature takes as long: there is something to be done beside it. For anything less, to call another thread costs more than it saves.
        _issuerSignature = bundle.Timestamps.IsEmpty ? null : IssuerSignature.Begin(_certificate.Certificate, root!.CertificateAuthorities);
        return bundle.Certificates.Skip(1).Any(c => CertificatePath.IsSelfIssued(X509CertificateLoader.LoadCertificate(c)))
            ? "the bundle has a root certificate, which only the trusted root may give"
            : null;
    }

    private string? CheckTimestamps()
    {
        var authorities = new HashSet<string>();
        foreach (var timestamp in bundle.Timestamps)
        {
            var (time, authority, reason) = TimestampVerifier.Verify(timestamp, bundle.Content.Signature, root!.TimestampAuthorities);
            if (time is not { } moment)
            {
                return reason;
            }

            if (moment > now + ClockSkew)
            {
                return $"the timestamp {moment:u} lies in the future: check this machine's clock";
            }

            authorities.Add(authority);
            _times.Add(moment);
        }

        _timestampAuthorities = authorities.Count;
        return null;
    }

    private string? CheckSigningTime() =>
        _times.Count < policy.TimeThreshold ? $"{_times.Count} trusted sources say when it was signed, {policy.TimeThreshold} are needed"
        : _timestampAuthorities < policy.TimestampAuthorityThreshold ? $"{_timestampAuthorities} timestamp authorities vouch for it, {policy.TimestampAuthorityThreshold} are needed"
        : null;

    private string? CheckChain()
    {
        foreach (var time in _times.Distinct())
        {
            var reason = "the trusted root has no certificate authority";
            _issuer = null;
            foreach (var authority in root!.CertificateAuthorities)
            {
                (_issuer, var why) = CertificatePath.Find(_certificate!.Certificate, authority, time, CertificatePath.CodeSigning, _issuerSignature);
                if (_issuer is not null)
                {
                    break;
                }

                reason = why;
            }

            if (_issuer is null)
            {
                return reason;
            }
        }

        return _issuer is null ? "no trusted time says when the certificate was used" : CertificatePath.CheckLeaf(_certificate!.Certificate);
    }

    private string? CheckCertificateTransparency()
    {
        var (count, reason) = SignedCertificateTimestamps.Count(_certificate!.Certificate, _issuer!, root!.CertificateLogs);
        return count >= policy.CertificateLogThreshold ? null : reason.Length > 0 ? reason : $"{count} certificate transparency logs hold the certificate, {policy.CertificateLogThreshold} are needed";
    }

    private string? CheckIdentity()
    {
        if (policy.Key is not null)
        {
            return null;
        }

        var reasons = policy.Identities.Select(i => i.Check(_certificate!)).ToList();
        return reasons.Contains(null) ? null : string.Join("; ", reasons.Distinct());
    }

    private string? CheckEntries()
    {
        var signer = _certificate is null ? new SignerMaterial(false, Key.SubjectPublicKeyInfo) : new SignerMaterial(true, bundle.Certificates[0]);
        foreach (var entry in bundle.LogEntries)
        {
            if (EntryBody.Check(entry, bundle.Content, signer, artifact) is { } reason)
            {
                return reason;
            }
        }

        return bundle.LogEntries.IsEmpty ? "the bundle is in no transparency log" : null;
    }

    private string? CheckSignature()
    {
        if (bundle.Content is DsseEnvelope envelope)
        {
            return Key.Verify(envelope.PreAuthenticationEncoding(), envelope.Signature) || IsBySha256(envelope.PreAuthenticationEncoding(), envelope.Signature)
                ? null
                : "the signature is not over this envelope by this key";
        }

        var message = (MessageSignature)bundle.Content;
        if (message.Digest is { } noted && !noted.AsSpan().SequenceEqual(artifact.Sha256))
        {
            return "the bundle is for another artifact (its digest differs)";
        }

        var digest = artifact.Digest(Key.Algorithm.Hash);
        var verified = digest is null ? null : Key.VerifyDigest(digest, message.Signature, Key.Algorithm.Hash);
        if (verified != true && artifact.Content is { } content && (Key.Verify(content.Span, message.Signature) || IsBySha256(content.Span, message.Signature)))
        {
            return null;
        }

        return verified switch
        {
            true => null,
            false => "the signature is not over this artifact by this key",
            null => "a signature by such a key cannot be verified against a SHA-256 digest: give the artifact itself",
        };
    }

    /// <summary>Older signers used SHA-256 with every ECDSA key.</summary>
    private bool IsBySha256(ReadOnlySpan<byte> data, byte[] signature) =>
        Key.Algorithm is { Scheme: SignatureScheme.Ecdsa } algorithm && algorithm.Hash != HashAlgorithmName.SHA256 && Key.Verify(data, signature, HashAlgorithmName.SHA256);

    private string? CheckStatement()
    {
        var envelope = (DsseEnvelope)bundle.Content;
        if (envelope.PayloadType != DsseEnvelope.InTotoPayloadType)
        {
            return $"the envelope's payload is of the type '{envelope.PayloadType}', not an in-toto statement";
        }

        _statement = InTotoStatement.Parse(envelope.Payload);
        return _statement.IsAbout("sha256", Convert.ToHexStringLower(artifact.Sha256)) ? null : "the statement is not about this artifact";
    }
}
