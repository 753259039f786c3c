using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore;

/// <summary>What a statement is about.</summary>
/// <param name="Name">The name; empty where there is none.</param>
/// <param name="Digests">Digests in hexadecimal by algorithm (<c>sha256</c>).</param>
/// <param name="Annotations">What the signer noted about it.</param>
public sealed record StatementSubject(string Name, ImmutableDictionary<string, string> Digests, ImmutableDictionary<string, string> Annotations);

/// <summary>An in-toto statement of version 0.1 or 1 (in-toto attestation framework, "Statement").</summary>
public sealed record InTotoStatement
{
    /// <summary>The type that this client writes.</summary>
    public const string Version1 = "https://in-toto.io/Statement/v1";

    private const string Version01 = "https://in-toto.io/Statement/v0.1";

    /// <summary>What it is about.</summary>
    public required ImmutableArray<StatementSubject> Subjects { get; init; }

    /// <summary>What kind of predicate it makes.</summary>
    public required string PredicateType { get; init; }

    /// <summary>The predicate in JSON.</summary>
    public required JsonElement Predicate { get; init; }

    /// <summary>Whether one of the subjects has this digest.</summary>
    public bool IsAbout(string algorithm, string hex) => Subjects.Any(s => s.Digests.TryGetValue(algorithm, out var found) && found.Equals(hex, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reads a statement.</summary>
    /// <exception cref="SigstoreException">Not a statement of a known version.</exception>
    public static InTotoStatement Parse(ReadOnlyMemory<byte> json)
    {
        using var document = ProtoMessage.Parse(json, Bundle.MaxBytes, "the statement");
        var root = ProtoMessage.Root(document);
        if (root.Text("_type") is not (Version1 or Version01))
        {
            throw new SigstoreException(SigstoreError.Unsupported, $"the statement's type '{root.Text("_type")}' is not an in-toto statement of version 0.1 or 1");
        }

        return new InTotoStatement
        {
            Subjects = [.. root.Messages("subject").Select(s => new StatementSubject(s.Text("name") ?? "", s.Texts("digest"), s.Texts("annotations")))],
            PredicateType = root.RequiredText("predicateType"),
            Predicate = root.Has("predicate") ? document.RootElement.GetProperty("predicate").Clone() : default,
        };
    }

    /// <summary>Writes a statement of version 1 about one digest.</summary>
    public static byte[] Write(string algorithm, string hex, string predicateType, JsonNode predicate, string? name = null, IReadOnlyDictionary<string, string>? annotations = null)
    {
        var subject = new JsonObject { ["digest"] = new JsonObject { [algorithm] = hex } };
        if (name is not null)
        {
            subject["name"] = name;
        }

        if (annotations is { Count: > 0 })
        {
            subject["annotations"] = new JsonObject(annotations.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value)));
        }

        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["_type"] = Version1,
            ["subject"] = new JsonArray(subject),
            ["predicateType"] = predicateType,
            ["predicate"] = predicate,
        }.ToJsonString());
    }
}
