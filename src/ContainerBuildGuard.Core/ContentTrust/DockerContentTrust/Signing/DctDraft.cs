using System.Security.Cryptography;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;
using ContainerBuildGuard.Sigstore.Tuf;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>The next version of metadata, from the one before it or from nothing, with everything that is not changed kept as it was.</summary>
internal sealed class DctDraft
{
    private readonly JsonObject _body;

    private DctDraft(JsonObject body, long version, DateTimeOffset now)
    {
        _body = body;
        _body["version"] = version;
        _body["expires"] = Rfc3339.Format(now.AddYears(3));
    }

    /// <summary>The next targets metadata.</summary>
    /// <param name="before">The one before; null for a delegation that is signed for the first time.</param>
    /// <param name="now">The time; it is good for three years from then, as what Notary's own client signs.</param>
    public static DctDraft Targets(DctTargets? before, DateTimeOffset now) => before is null
        ? new DctDraft(new JsonObject { ["_type"] = "Targets", ["delegations"] = new JsonObject { ["keys"] = new JsonObject(), ["roles"] = new JsonArray() }, ["targets"] = new JsonObject() }, 1, now)
        : new DctDraft(Copy(before.Envelope), before.Version + 1, now);

    /// <summary>The next snapshot metadata.</summary>
    public static DctDraft Snapshot(DctListing before, DateTimeOffset now) => new(Copy(before.Envelope), before.Version + 1, now);

    /// <summary>Sets what a tag (in <c>targets</c>) or a role (in <c>meta</c>) stands for.</summary>
    public DctDraft Set(string list, string name, ReadOnlySpan<byte> content)
    {
        ((JsonObject)_body[list]!)[name] = new JsonObject
        {
            ["hashes"] = new JsonObject { ["sha256"] = Convert.ToBase64String(SHA256.HashData(content)), ["sha512"] = Convert.ToBase64String(SHA512.HashData(content)) },
            ["length"] = content.Length,
        };
        return this;
    }

    /// <summary>The metadata, signed by each of the keys under the identity that its role gives it.</summary>
    public byte[] Sign(IEnumerable<(DctKey Public, DctSigningKey Private)> keys)
    {
        var signed = CanonicalJson.Encode(_body);
        var signatures = new JsonArray([.. keys.Select(k => new JsonObject { ["keyid"] = k.Public.Id, ["method"] = k.Public.Method, ["sig"] = Convert.ToBase64String(k.Private.Sign(signed)) })]);

        // The server lists the hash of the file as it would write it itself, so there is one way to write it.
        return [.. "{\"signed\":"u8, .. signed, .. ",\"signatures\":"u8, .. CanonicalJson.Encode(signatures), .. "}"u8];
    }

    private static JsonObject Copy(DctEnvelope envelope) => JsonObject.Create(envelope.Body)!.DeepClone().AsObject();
}
