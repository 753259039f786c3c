using System.Security.Cryptography;
using System.Text;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>What the user decided about secrets: own detectors, what is known already, what is to be written down.</summary>
public sealed class SecretsOptions
{
    private SecretsOptions(Policy policy, SecretBaseline? recording, LiveVerification? live)
    {
        Live = live;
        MostArchiveBytes = policy.Limits.WholeFileBytes;
        Recording = recording;
        Baseline = recording ?? (policy.SecretBaseline is { } path ? SecretBaseline.Load(path) : null);
        Scanner = policy.SecretDetectors.IsEmpty ? SecretScanner.Default : new SecretScanner([.. policy.SecretDetectors.Select(CustomDetector.Of)]);
        Version = string.Join('/', "secrets", "5", DetectorsVersion(policy), Baseline?.Version ?? "-", MostArchiveBytes);
    }

    /// <summary>Fingerprints of known secrets; null without a baseline.</summary>
    public SecretBaseline? Baseline { get; }

    /// <summary>The baseline that is being written; null in every other run.</summary>
    public SecretBaseline? Recording { get; }

    /// <summary>Asks services whether what was found is live; null unless the user wants it.</summary>
    internal LiveVerification? Live { get; }

    internal SecretScanner Scanner { get; }

    /// <summary>The largest archive that is opened; of a larger one the bytes are searched as they are.</summary>
    internal int MostArchiveBytes { get; }

    /// <summary>Names everything that facts depend on.</summary>
    internal string Version { get; }

    /// <exception cref="Findings.GuardException">The policy names a baseline that cannot be read.</exception>
    public static SecretsOptions Of(Policy policy, SecretBaseline? recording = null, LiveVerification? live = null) => new(policy, recording, live);

    private static string DetectorsVersion(Policy policy)
    {
        if (policy.SecretDetectors.IsEmpty)
        {
            return "-";
        }

        var text = string.Join('\n', policy.SecretDetectors.Select(d => $"{d.Name}\0{d.Description}\0{string.Join('\0', d.Keywords)}\0{d.Pattern}\0{d.Entropy}\0{string.Join('\0', d.Allow)}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }
}
