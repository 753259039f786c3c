using System.Collections.Immutable;

namespace ContainerBuildGuard.ContentTrust.Notation;

/// <summary>The attributes that are signed, as both envelopes hold them (Notary Project signature specification, "Signed Attributes").</summary>
internal sealed record ProtectedHeaders
{
    public const string PayloadType = "application/vnd.cncf.notary.payload.v1+json";
    public const string Scheme = "io.cncf.notary.signingScheme";
    public const string Time = "io.cncf.notary.signingTime";
    public const string AuthenticTime = "io.cncf.notary.authenticSigningTime";
    public const string ExpiryTime = "io.cncf.notary.expiry";
    public const string Plugin = "io.cncf.notary.verificationPlugin";
    public const string TimestampSignature = "io.cncf.notary.timestampSignature";
    public const string Agent = "io.cncf.notary.signingAgent";
    public const string X509 = "notary.x509";
    public const string SigningAuthority = "notary.x509.signingAuthority";
    private static readonly string[] Understood = [Scheme, AuthenticTime, ExpiryTime];

    public EnvelopeAlgorithm? Algorithm { get; init; }

    public string? ContentType { get; init; }

    public ImmutableArray<string> Critical { get; init; } = [];

    public string? SigningScheme { get; init; }

    /// <summary>When the signer says that it signed; nobody vouches for it.</summary>
    public DateTimeOffset? SigningTime { get; init; }

    /// <summary>When a signing authority says that it signed; the authority vouches for it.</summary>
    public DateTimeOffset? AuthenticSigningTime { get; init; }

    public DateTimeOffset? Expiry { get; init; }

    /// <summary>The names of every attribute that is there.</summary>
    public ImmutableHashSet<string> Names { get; init; } = [];

    /// <summary>The times that are there, by their names.</summary>
    public IEnumerable<(string Name, DateTimeOffset Time)> Times()
    {
        (string Name, DateTimeOffset? Time)[] times = [(Time, SigningTime), (AuthenticTime, AuthenticSigningTime), (ExpiryTime, Expiry)];
        return times.Where(t => t.Time is not null).Select(t => (t.Name, t.Time!.Value));
    }

    /// <summary>Holds them against the specification.</summary>
    /// <exception cref="NotationException">The first rule that is broken.</exception>
    public void Check()
    {
        if (Names.FirstOrDefault(n => n.StartsWith(Plugin, StringComparison.Ordinal)) is { } plugin)
        {
            throw new NotationException($"the signature asks for a verification plugin ({plugin}), and plugins are not run");
        }

        Expect(Algorithm is not null, "the envelope's algorithm is missing or none that the specification allows");
        Expect(ContentType == PayloadType, $"the envelope's content type is '{ContentType}', not {PayloadType}");
        CheckCritical();
        Expect(SigningScheme is X509 or SigningAuthority, $"the signing scheme '{SigningScheme}' is not known");
        if (SigningScheme == X509)
        {
            Expect(AuthenticSigningTime is null, $"the scheme {X509} has an authentic signing time, which only a signing authority can give");
            Expect(SigningTime is not null, "the signing time is missing");
        }
        else
        {
            Expect(SigningTime is null, $"the scheme {SigningAuthority} has an unauthenticated signing time");
            Expect(AuthenticSigningTime is not null, "the authentic signing time is missing");
        }

        Expect(Expiry is null || Expiry > (SigningTime ?? AuthenticSigningTime), "the signature expires before it was made");
    }

    private void CheckCritical()
    {
        Expect(Critical.Contains(Scheme), "the signing scheme is not marked as critical");
        Expect(Critical.Distinct().Count() == Critical.Length, "an attribute is marked as critical twice");
        if (Critical.FirstOrDefault(c => !Understood.Contains(c)) is { } unknown)
        {
            throw new NotationException($"the critical attribute '{unknown}' is not known");
        }

        if (Critical.FirstOrDefault(c => !Names.Contains(c)) is { } absent)
        {
            throw new NotationException($"the attribute '{absent}' is marked as critical and is not there");
        }

        if (Understood.FirstOrDefault(u => Names.Contains(u) && !Critical.Contains(u)) is { } unmarked)
        {
            throw new NotationException($"the attribute '{unmarked}' is not marked as critical");
        }
    }

    private static void Expect(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new NotationException(otherwise);
        }
    }
}
