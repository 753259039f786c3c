using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A certificate or timestamp authority: its chain from the issuing certificate to the trust anchor.</summary>
/// <param name="uri">Where it answers.</param>
/// <param name="chain">The certificates, the trust anchor last.</param>
/// <param name="validFor">When it issues.</param>
public sealed class CertificateAuthority(string uri, ImmutableArray<X509Certificate2> chain, ValidityPeriod validFor)
{
    private const string NameConstraints = "2.5.29.30";

    /// <summary>Policy mappings, policy constraints, inhibit anyPolicy.</summary>
    private static readonly string[] Policies = ["2.5.29.33", "2.5.29.36", "2.5.29.54"];

    // The paths inside the chain stay what they are: validated once, they only have to be compared with a time afterwards.
    private readonly ConcurrentDictionary<(int Index, string Usage), (ValidityPeriod? Valid, string Reason)> _paths = new();
    private readonly ConcurrentDictionary<int, VerificationKey> _keys = new();

    /// <summary>Where it answers.</summary>
    public string Uri => uri;

    /// <summary>The certificates, the trust anchor last.</summary>
    public ImmutableArray<X509Certificate2> Chain => chain;

    /// <summary>When it issues.</summary>
    public ValidityPeriod ValidFor => validFor;

    /// <summary>Whether a certificate of the chain limits the names below it.</summary>
    internal bool ConstrainsNames { get; } = chain.Any(c => c.Extensions.Any(e => e.Oid!.Value == NameConstraints));

    /// <summary>Whether one asks in a critical extension for certificate policies, which nothing here processes: not all platforms' engines do.</summary>
    internal bool ConstrainsPolicies { get; } = chain.Any(c => c.Extensions.Any(e => e.Critical && Policies.Contains(e.Oid!.Value)));

    internal VerificationKey KeyOf(int index) => _keys.GetOrAdd(index, i => VerificationKey.FromSubjectPublicKeyInfo(Der.KeyOf(chain[i].RawDataMemory).Span));

    /// <summary>Null where the chain's certificate leads to the anchor at this time, or why not.</summary>
    internal string? CheckPath(int index, DateTimeOffset time, string usage)
    {
        var (valid, reason) = _paths.GetOrAdd((index, usage), k => Validate(k.Index, k.Usage));
        return valid is null ? reason : valid.Contains(time) ? null : $"a certificate of {uri} was not valid at {time:u}";
    }

    /// <summary>
    /// Whether the certificates above the chain's certificate let it issue (RFC 5280, section 4.2.1.9). Validated by itself it would count as the path's end, of which path lengths say nothing.
    /// </summary>
    internal bool MayIssue(int index)
    {
        var below = 1;
        for (var above = index + 1; above < chain.Length; above++)
        {
            if (chain[above].Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is { HasPathLengthConstraint: true } constraints && constraints.PathLengthConstraint < below)
            {
                return false;
            }

            below += CertificatePath.IsSelfIssued(chain[above]) ? 0 : 1;
        }

        return true;
    }

    /// <summary>The path from a certificate to the anchor (RFC 5280, section 6) at one moment; null with the reason where there is none. Revocation is not asked: Sigstore revokes by its trusted root.</summary>
    internal (ImmutableArray<X509Certificate2> Path, string Reason) Build(X509Certificate2 certificate, DateTimeOffset time, string usage)
    {
        using var building = new X509Chain();
        building.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        building.ChainPolicy.CustomTrustStore.Add(chain[^1]);
        foreach (var intermediate in chain.SkipLast(1))
        {
            building.ChainPolicy.ExtraStore.Add(intermediate);
        }

        building.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        building.ChainPolicy.DisableCertificateDownloads = true;
        building.ChainPolicy.VerificationTime = time.LocalDateTime;
        building.ChainPolicy.ApplicationPolicy.Add(new Oid(usage));
        return building.Build(certificate)
            ? ([.. building.ChainElements.Select(e => e.Certificate)], "")
            : ([], $"the certificate does not lead to {uri} at {time:u} ({string.Join(", ", building.ChainStatus.Select(s => s.Status).Distinct())})");
    }

    private (ValidityPeriod? Valid, string Reason) Validate(int index, string usage)
    {
        // A moment at which all of them are valid, where there is one.
        var start = chain.Skip(index).Max(c => c.NotBefore.ToUniversalTime());
        var end = chain.Skip(index).Min(c => c.NotAfter.ToUniversalTime());
        var (path, reason) = Build(chain[index], start, usage);
        return path.IsEmpty ? (null, reason) : (new ValidityPeriod(start, end), "");
    }
}
