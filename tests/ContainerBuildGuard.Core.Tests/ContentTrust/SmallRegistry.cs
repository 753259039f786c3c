using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Images;
using ContainerBuildGuard.Testing.Servers;

namespace ContainerBuildGuard;

/// <summary>As much of a registry as signatures need: blobs, manifests, tags, and the referrers API where it is switched on (OCI distribution specification 1.1).</summary>
internal sealed class SmallRegistry : IAsyncDisposable
{
    private readonly AnswerServer _server;

    public SmallRegistry(bool hasReferrersApi)
    {
        HasReferrersApi = hasReferrersApi;
        _server = new AnswerServer(Answer);
    }

    public bool HasReferrersApi { get; }

    /// <summary>Answers before the registry does; null lets it answer.</summary>
    public Func<ServerRequest, ServerAnswer?> Before { get; set; } = _ => null;

    public string Host => _server.Host;

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>By digest and by tag.</summary>
    public ConcurrentDictionary<string, (string MediaType, byte[] Bytes)> Manifests { get; } = new();

    /// <summary>Stores a manifest as if it had been pushed.</summary>
    public Descriptor Put(string mediaType, string json, string? tag = null)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        var descriptor = Descriptor.Of(mediaType, bytes);
        Manifests[descriptor.Digest.ToString()] = (mediaType, bytes);
        if (tag is not null)
        {
            Manifests[tag] = (mediaType, bytes);
        }

        return descriptor;
    }

    public JsonNode Json(string selector) => JsonNode.Parse(Manifests[selector].Bytes)!;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private ServerAnswer Answer(ServerRequest request)
    {
        if (Before(request) is { } early)
        {
            return early;
        }

        var parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (request.Method, parts) switch
        {
            (_, ["v2"]) => ServerAnswer.Json("{}"),
            ("POST", ["v2", .., "blobs", "uploads"]) => new ServerAnswer(202, [], Headers: new Dictionary<string, string> { ["Location"] = $"{request.Path}session" }),
            ("PUT", ["v2", .., "blobs", "uploads", _]) => Uploaded(request),
            ("PUT", ["v2", .., "manifests", var selector]) => Stored(request, selector),
            (_, ["v2", .., "manifests", var selector]) => Manifests.TryGetValue(selector, out var found) ? Content(found.MediaType, found.Bytes) : Missing,
            (_, ["v2", .., "blobs", var digest]) => Blobs.TryGetValue(digest, out var blob) ? Content("application/octet-stream", blob) : Missing,
            ("GET", ["v2", .., "referrers", var subject]) when HasReferrersApi => Referrers(subject),
            _ => Missing,
        };
    }

    private static ServerAnswer Missing => ServerAnswer.Json("""{"errors":[{"code":"NOT_FOUND"}]}""", 404);

    private static ServerAnswer Content(string mediaType, byte[] bytes) =>
        new(200, bytes, mediaType, new Dictionary<string, string> { ["Docker-Content-Digest"] = Digest.Sha256(bytes).ToString() });

    private ServerAnswer Uploaded(ServerRequest request)
    {
        Blobs[Digest.Sha256(request.Body).ToString()] = request.Body;
        return new ServerAnswer(201, []);
    }

    private ServerAnswer Stored(ServerRequest request, string selector)
    {
        var digest = Digest.Sha256(request.Body).ToString();
        Manifests[selector] = Manifests[digest] = (request.Headers["Content-Type"], request.Body);
        var headers = new Dictionary<string, string> { ["Docker-Content-Digest"] = digest };
        if (HasReferrersApi && JsonNode.Parse(request.Body)!["subject"] is { } subject)
        {
            headers["OCI-Subject"] = (string)subject["digest"]!;
        }

        return new ServerAnswer(201, [], Headers: headers);
    }

    private ServerAnswer Referrers(string subject)
    {
        var found = Manifests.Where(m => m.Key.StartsWith("sha256:", StringComparison.Ordinal)).Select(m => (m.Value, Json: JsonNode.Parse(m.Value.Bytes)!)).Where(m => (string?)m.Json["subject"]?["digest"] == subject);
        var list = found.Select(m => (JsonNode)new JsonObject { ["mediaType"] = m.Value.MediaType, ["digest"] = Digest.Sha256(m.Value.Bytes).ToString(), ["size"] = m.Value.Bytes.Length, ["artifactType"] = (string?)m.Json["artifactType"] });
        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JsonArray([.. list]) };
        return new ServerAnswer(200, Encoding.UTF8.GetBytes(index.ToJsonString()), MediaTypes.OciIndex);
    }
}
