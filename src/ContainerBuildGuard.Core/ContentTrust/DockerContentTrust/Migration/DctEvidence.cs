using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>What verified trust data says, for people and programs that see it no more.</summary>
internal static class DctEvidence
{
    /// <summary>Every role that was read: its version, its end, its hash, and the keys that signed it.</summary>
    public static JsonObject Of(DctState state, string server, DateTimeOffset now) => new()
    {
        ["repository"] = state.Repository,
        ["server"] = server,
        ["verifiedAt"] = Rfc3339.Format(now),
        ["rootKeys"] = new JsonArray([.. state.RootKeys.Select(k => (JsonNode)k)]),
        ["roles"] = new JsonArray([.. Roles(state).Select(r => (JsonNode)Role(r.Name, r.Role, r.Metadata))]),
        ["expired"] = new JsonArray([.. state.Expired.Select(e => (JsonNode)e)]),
    };

    /// <summary>The shape of <c>docker trust inspect</c>.</summary>
    public static JsonArray Inspection(DctState state) => new(
        new JsonObject
        {
            ["Name"] = state.Repository,
            ["SignedTags"] = new JsonArray([.. state.Tags.Select(t => (JsonNode)new JsonObject
            {
                ["SignedTag"] = t,
                ["Digest"] = state.Find(t)!.Sha256,
                ["Signers"] = new JsonArray([.. Signers(state, t).Select(s => (JsonNode)s)]),
            })]),
            ["Signers"] = new JsonArray([.. state.Targets.Delegations.Where(d => d.IsDirect && d.Name != DctRole.Releases).OrderBy(d => d.Signer, StringComparer.Ordinal).Select(d => (JsonNode)Keys(d.Signer, d.Role))]),
            ["AdministrativeKeys"] = new JsonArray(Keys("Root", state.Root.Own, canonical: false), Keys("Repository", state.Root.Roles[DctRole.Targets], canonical: false)),
        });

    /// <summary>Who signed a tag, as the docker client says it: the delegations' signers, else the repository's own keys.</summary>
    public static IReadOnlyList<string> Signers(DctState state, string tag) =>
        state.SignersOf(tag, state.Find(tag)!).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } signers ? signers : [DctVerifier.RepositorySigner];

    private static IEnumerable<(string Name, DctRole Role, DctEnvelope Metadata)> Roles(DctState state) =>
    [
        (DctRole.Root, state.Root.Own, state.Root.Envelope),
        (DctRole.Timestamp, state.Root.Roles[DctRole.Timestamp], state.Timestamp.Envelope),
        (DctRole.Snapshot, state.Root.Roles[DctRole.Snapshot], state.Snapshot.Envelope),
        (DctRole.Targets, state.Root.Roles[DctRole.Targets], state.Targets.Envelope),
        .. state.Targets.Delegations.Where(d => state.Delegated.ContainsKey(d.Name)).Select(d => (d.Name, d.Role, state.Delegated[d.Name].Envelope)),
    ];

    private static JsonObject Role(string name, DctRole role, DctEnvelope metadata) => new()
    {
        ["name"] = name,
        ["version"] = metadata.Version,
        ["expires"] = Rfc3339.Format(metadata.Expires),
        ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(metadata.Bytes)),
        ["signedBy"] = new JsonArray([.. role.Signers(metadata).Select(k => k.Id).Distinct().Order(StringComparer.Ordinal).Select(k => (JsonNode)k)]),
    };

    private static JsonObject Keys(string name, DctRole role, bool canonical = true) => new()
    {
        ["Name"] = name,
        ["Keys"] = new JsonArray([.. role.Keys.Values.Select(k => canonical ? k.CanonicalId : k.Id).Distinct().Order(StringComparer.Ordinal).Select(k => (JsonNode)new JsonObject { ["ID"] = k })]),
    };

}
