using System.Collections.Immutable;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>What came of one signature.</summary>
/// <param name="Verified">The signature where it counts; null where it does not.</param>
/// <param name="Reason">Why it does not count.</param>
/// <param name="Unfinished">Whether only a check that could not be done stands against it.</param>
/// <param name="Notes">Failures that the policy only logs.</param>
internal sealed record SignatureOutcome(VerifiedSignature? Verified, string Reason, bool Unfinished, ImmutableArray<string> Notes);

/// <summary>One signature against one statement of a trust policy, in the specification's order (Notary Project, "Trust Store and Trust Policy", steps of signature verification).</summary>
internal sealed class SignatureCheck(NotationTrust trust, TrustPolicyStatement statement, Descriptor artifact)
{
    private readonly ImmutableArray<string>.Builder _notes = ImmutableArray.CreateBuilder<string>();
    private readonly DateTimeOffset _now = trust.Options.Time.GetUtcNow();

    public async Task<SignatureOutcome> RunAsync(FoundEnvelope found, CancellationToken cancellationToken)
    {
        try
        {
            var envelope = ReadWhole(found);
            var trusted = Judge(Validation.Authenticity, CheckAuthenticity(envelope));
            Judge(Validation.Expiry, envelope.Headers.Expiry is { } expiry && _now >= expiry ? $"the signature expired at {expiry.ToUniversalTime():u}" : null);
            var signedAt = await CheckTimeAsync(envelope, cancellationToken);
            await CheckRevocationAsync(envelope, trusted, signedAt?.To, cancellationToken);

            // A signing authority that is not trusted vouches for no time.
            var time = trusted || envelope.Headers.AuthenticSigningTime is null ? signedAt?.From : null;
            var verified = new VerifiedSignature(artifact.Digest, statement.Name, envelope.Leaf.Subject, "notation", ImageSigner.SignaturePredicate, time);
            return new SignatureOutcome(verified, "", false, _notes.ToImmutable());
        }
        catch (UnfinishedException e)
        {
            return new SignatureOutcome(null, e.Message, true, []);
        }
        catch (NotationException e)
        {
            return new SignatureOutcome(null, e.Message, false, []);
        }
    }

    /// <summary>Integrity, which every level enforces: form, signature, chain rules, and that it is about this very artifact.</summary>
    private NotationEnvelope ReadWhole(FoundEnvelope found)
    {
        var envelope = found.Envelope is { } content ? NotationEnvelope.Parse(found.MediaType, content) : throw new NotationException(found.Problem);
        return (CertificateChain.Check(envelope.Chain, ChainUse.CodeSigning) ?? NotationPayload.Check(envelope.Payload, artifact)) is { } reason ? throw new NotationException(reason) : envelope;
    }

    private string? CheckAuthenticity(NotationEnvelope envelope)
    {
        var type = envelope.Headers.SigningScheme == ProtectedHeaders.X509 ? StoreType.Ca : StoreType.SigningAuthority;
        var anchors = trust.Anchors(statement, type);
        return !envelope.Chain.Any(anchors.Contains) ? $"the chain leads to no certificate of the policy's {StoreName.FolderOf(type)} trust stores (it ends with '{envelope.Chain[^1].Subject}')"
            : !statement.Identities.IsEmpty && !statement.Identities.Any(i => i.Matches(envelope.Leaf)) ? $"'{envelope.Leaf.Subject}' is none of the trusted identities"
            : null;
    }

    /// <summary>That the certificates were valid when the signature was made; the time where somebody who is trusted says it.</summary>
    private async Task<Countersignature?> CheckTimeAsync(NotationEnvelope envelope, CancellationToken cancellationToken)
    {
        if (envelope.Headers.AuthenticSigningTime is { } authentic)
        {
            var future = authentic > _now + X509Structures.Skew ? $"the authentic signing time {authentic.ToUniversalTime():u} is in the future" : null;
            return Judge(Validation.AuthenticTimestamp, future ?? CertificateChain.CheckValidity(envelope.Chain, authentic, authentic)) ? new Countersignature(authentic, authentic, []) : null;
        }

        var expired = CertificateChain.CheckValidity(envelope.Chain, _now, _now);
        if (!statement.Stores.Any(s => s.Type == StoreType.Tsa) || (!statement.TimestampAlways && expired is null))
        {
            Judge(Validation.AuthenticTimestamp, expired is null ? null : $"{expired}, and no trusted timestamp says that it was signed before");
            return null;
        }

        try
        {
            var seen = Countersignature.Verify(envelope.Timestamp ?? throw new NotationException("the signature has no timestamp, which the policy asks for"), envelope.Signature, trust.Anchors(statement, StoreType.Tsa));
            var reason = seen.From > _now + X509Structures.Skew ? $"the timestamp {seen.From.ToUniversalTime():u} is in the future" : CertificateChain.CheckValidity(envelope.Chain, seen.From, seen.To);
            if (reason is not null)
            {
                throw new NotationException(reason);
            }

            await CheckAuthorityAsync(seen, cancellationToken);
            return seen;
        }
        catch (NotationException e)
        {
            Judge(Validation.AuthenticTimestamp, e.Message);
            return null;
        }
    }

    /// <summary>The specification leaves no choice about the timestamp authority's revocation; only a verification that is told to ask nobody goes without.</summary>
    private async Task CheckAuthorityAsync(Countersignature seen, CancellationToken cancellationToken)
    {
        if (trust.Options.Revocation == RevocationMode.Off)
        {
            _notes.Add("the revocation of the timestamp authority's certificates was not asked");
            return;
        }

        var answer = await trust.Revocation.CheckAsync(seen.Chain, seen.To, cancellationToken);
        if (answer.Status == RevocationStatus.Revoked)
        {
            throw new NotationException($"the timestamp's {answer.Reason}");
        }

        if (answer.Status == RevocationStatus.Unavailable)
        {
            Judge(Validation.AuthenticTimestamp, $"the revocation of the timestamp's certificates is not known ({answer.Reason})", unfinished: true);
        }
    }

    private async Task CheckRevocationAsync(NotationEnvelope envelope, bool trusted, DateTimeOffset? signedAt, CancellationToken cancellationToken)
    {
        if (statement.Actions[Validation.Revocation] == ValidationAction.Skip)
        {
            return;
        }

        if (trust.Options.Revocation == RevocationMode.Off || !trusted)
        {
            _notes.Add(trusted ? "the revocation of the signing certificates was not asked" : "the revocation of the signing certificates was not asked: they are not trusted, and whoever made them would choose whom to ask");
            return;
        }

        var answer = await trust.Revocation.CheckAsync(envelope.Chain, signedAt, cancellationToken);
        Judge(
            Validation.Revocation,
            answer.Status switch { RevocationStatus.Good => null, RevocationStatus.Revoked => answer.Reason, _ => $"the revocation of the signing certificates is not known ({answer.Reason})" },
            unfinished: answer.Status == RevocationStatus.Unavailable);
    }

    /// <summary>True where there is no failure; a failure that the policy enforces ends the check, one that it logs becomes a note.</summary>
    private bool Judge(Validation validation, string? failure, bool unfinished = false)
    {
        if (failure is null)
        {
            return true;
        }

        if (statement.Actions[validation] == ValidationAction.Enforce)
        {
            throw unfinished ? new UnfinishedException(failure) : new NotationException(failure);
        }

        _notes.Add($"the statement '{statement.Name}' of the trust policy only logs that {failure}");
        return false;
    }

    private sealed class UnfinishedException(string message) : Exception(message);
}
