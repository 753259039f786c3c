namespace ContainerBuildGuard.ContentTrust.Notation;

internal enum RevocationStatus
{
    Good,
    Revoked,

    /// <summary>Nobody who may say so said anything that can be used.</summary>
    Unavailable,
}

/// <summary>What is known about the revocation of a certificate.</summary>
/// <param name="Status">Whether it is revoked.</param>
/// <param name="Reason">Why, or why it is not known; a clause. Empty where it is good.</param>
internal sealed record RevocationAnswer(RevocationStatus Status, string Reason)
{
    /// <summary>Since when the key is known to be compromised, where a revocation says so (invalidityDate); what was provably signed before stays good.</summary>
    public DateTimeOffset? InvalidSince { get; init; }

    public static RevocationAnswer Good { get; } = new(RevocationStatus.Good, "");

    public static RevocationAnswer Unavailable(string reason) => new(RevocationStatus.Unavailable, reason);

    /// <summary>The answer with who gave it.</summary>
    public RevocationAnswer By(Uri address) => Reason.Length > 0 ? this with { Reason = $"{Reason} ({address.Host})" } : this;

    /// <summary>The answer for something that was provably signed at a time.</summary>
    public RevocationAnswer At(DateTimeOffset? signedAt) => Status == RevocationStatus.Revoked && InvalidSince > signedAt ? Good : this;
}
