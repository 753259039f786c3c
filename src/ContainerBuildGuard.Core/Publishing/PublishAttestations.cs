using System.Text.Json.Nodes;
using ContainerBuildGuard.Attesting;
using ContainerBuildGuard.ContentTrust;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Policies;

namespace ContainerBuildGuard.Publishing;

/// <summary>What the policy asks a publish to say about its image.</summary>
/// <param name="Predicates">Predicates by type, in the policy's order.</param>
internal sealed record PublishAttestations(IReadOnlyList<(string PredicateType, JsonNode Predicate)> Predicates)
{
    public static async Task<PublishAttestations> MakeAsync(PublishRequest request, Policy policy, ImageSet set, GuardResult result, DateTimeOffset started, CancellationToken cancellationToken)
    {
        var predicates = new List<(string, JsonNode)>();
        var now = request.Time.GetUtcNow();
        foreach (var type in policy.Attest)
        {
            predicates.Add(type == "slsa-provenance"
                ? (PredicateTypes.Provenance, BuildProvenance.Of(set, Path.GetFileName(request.ProjectFile), request.ProjectAssetsFile, request.SdkVersion, Environment.GetEnvironmentVariable, started, now))
                : await GuardPredicates.OfAsync(type, result, now, cancellationToken));
        }

        return new PublishAttestations(predicates);
    }
}
