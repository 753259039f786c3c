using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.HardenedConfiguration.Containers;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Deploying;

/// <summary>Puts the policy's trust rules to images that containers run. What cannot be looked up is unknown, with the reason, and never unsigned.</summary>
public sealed class RunningImageTrust : IDisposable
{
    private static readonly string[] Formats = ["bundle", "legacy"];
    private readonly Policy _policy;
    private readonly bool _offline;
    private readonly RegistryClient _client;

    private RunningImageTrust(Policy policy, bool offline) => (_policy, _offline, _client) = (policy, offline, new RegistryClient(policy.RegistryOptions()));

    /// <summary>Null where the policy has no trust rules: then there is nothing to ask.</summary>
    /// <param name="policy">Its trust rules, and how registries are reached.</param>
    /// <param name="offline">No registry is asked, and every answer is unknown.</param>
    public static RunningImageTrust? Of(Policy policy, bool offline) => policy.Trust.IsEmpty ? null : new RunningImageTrust(policy, offline);

    public void Dispose() => _client.Dispose();

    /// <param name="image">The image by its digest in a registry, as an engine lists it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<ImageTrust> AskAsync(string image, CancellationToken cancellationToken)
    {
        try
        {
            var reference = ImageReference.Parse(image);
            if (_policy.Trust.FirstOrDefault(r => r.Covers($"{reference.Registry}/{reference.Repository}")) is not { } rule)
            {
                return new ImageTrust(ImageTrustAnswer.NoRule, "no trust rule covers it");
            }

            if (_offline)
            {
                return new ImageTrust(ImageTrustAnswer.Unknown, "its registry is not asked offline");
            }

            var (verification, _) = await TrustRuleVerifier.VerifyAsync(_client, reference, rule, null, Formats, offline: false, cancellationToken);
            return verification switch
            {
                { Verified: true } => new ImageTrust(ImageTrustAnswer.Trusted, ""),
                { SkippedBy: { } statement } => new ImageTrust(ImageTrustAnswer.Unknown, $"the trust policy's '{statement}' says not to look"),
                _ => new ImageTrust(ImageTrustAnswer.Untrusted, string.Join("; ", verification.Failures.Select(f => f.What).Distinct())),
            };
        }
        catch (Exception e) when (e is ImageException or GuardException)
        {
            return new ImageTrust(ImageTrustAnswer.Unknown, e.Message);
        }
    }
}
