using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Sigstore.Tuf;
using ContainerBuildGuard.Testing.Servers;
using Microsoft.AspNetCore.Http;

namespace ContainerBuildGuard.ContentTrust.DockerContentTrust;

/// <summary>A role as the test wants it.</summary>
internal sealed class FakeRole(params NotaryKey[] keys)
{
    public List<NotaryKey> Keys { get; set; } = [.. keys];

    /// <summary>Who signs in their place; the role's keys where null.</summary>
    public List<NotaryKey>? SignedBy { get; set; }

    public int Threshold { get; set; } = 1;

    public int Version { get; set; } = 1;

    public DateTimeOffset Expires { get; set; } = DateTimeOffset.UtcNow.AddDays(10);

    /// <summary>Tags, where the role has some.</summary>
    public Dictionary<string, byte[]> Tags { get; } = [];

    /// <summary>What a delegation may sign.</summary>
    public string[] Paths { get; set; } = [""];

    public JsonObject Json => new() { ["keyids"] = new JsonArray([.. Keys.Select(k => (JsonNode)k.Id)]), ["threshold"] = Threshold };
}

/// <summary>A Notary repository of the test's own making on a server that tells the truth about it, until the test makes it lie.</summary>
internal sealed class FakeNotary : IAsyncDisposable
{
    private readonly Dictionary<string, byte[]> _signed = [];
    private LoopbackServer _server = null!;

    private FakeNotary(string repository)
    {
        Repository = repository;
        Root = new FakeRole(NotaryKey.Ecdsa(repository));
    }

    public string Repository { get; }

    public Uri Address => new($"http://{_server.Host}");

    public FakeRole Root { get; }

    public FakeRole Timestamp { get; } = new(NotaryKey.Ed25519Key());

    public FakeRole Snapshot { get; } = new(NotaryKey.Ed25519Key());

    public FakeRole Targets { get; } = new(NotaryKey.Ecdsa());

    public SortedDictionary<string, FakeRole> Delegations { get; } = new(StringComparer.Ordinal);

    /// <summary>What the server has, by the name below <c>_trust/tuf/</c>.</summary>
    public ConcurrentDictionary<string, byte[]> Files { get; } = new();

    /// <summary>Changes what is signed of a role.</summary>
    public Action<string, JsonObject> Change { get; set; } = (_, _) => { };

    /// <summary>Answers in place of the files; false lets them answer.</summary>
    public Func<HttpContext, string, Task<bool>> Lie { get; set; } = (_, _) => Task.FromResult(false);

    public ConcurrentQueue<string> Requests => _server.Requests;

    public FakeRole this[string role] => role switch
    {
        "root" => Root,
        "timestamp" => Timestamp,
        "snapshot" => Snapshot,
        "targets" => Targets,
        _ => Delegations[role],
    };

    public static async Task<FakeNotary> StartAsync(string repository)
    {
        var notary = new FakeNotary(repository);
        notary._server = await LoopbackServer.StartAsync(notary.ServeAsync);
        return notary;
    }

    /// <summary>Signs everything as it is now.</summary>
    public void Publish()
    {
        foreach (var file in Files.Keys.Where(f => !f.EndsWith(".root.json", StringComparison.Ordinal)))
        {
            Files.TryRemove(file, out _);
        }

        var root = Sign("root", "Root", Root, new JsonObject
        {
            ["consistent_snapshot"] = false,
            ["keys"] = Keys([Root, Timestamp, Snapshot, Targets]),
            ["roles"] = new JsonObject { ["root"] = Root.Json, ["snapshot"] = Snapshot.Json, ["targets"] = Targets.Json, ["timestamp"] = Timestamp.Json },
        });
        Files["root.json"] = Files[$"{Root.Version}.root.json"] = root;
        var listed = new JsonObject { ["root"] = Listed(root) };
        foreach (var (name, role) in Delegations)
        {
            Put(name, Sign(name, "Targets", role, Content(role, [])), listed);
        }

        Put("targets", Sign("targets", "Targets", Targets, Content(Targets, Delegations)), listed);
        var inTimestamp = new JsonObject();
        Put("snapshot", Sign("snapshot", "Snapshot", Snapshot, new JsonObject { ["meta"] = listed }), inTimestamp);
        Files["timestamp.json"] = Sign("timestamp", "Timestamp", Timestamp, new JsonObject { ["meta"] = inTimestamp });
    }

    /// <summary>The consistent name of a role's file.</summary>
    public string FileOf(string role) => Files.Keys.Single(f => f.StartsWith($"{role}.", StringComparison.Ordinal) && f.Length > role.Length + 64);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(HttpContext context)
    {
        var file = context.Request.Path.ToString().Split("/_trust/tuf/")[^1];
        if (await Lie(context, file))
        {
            return;
        }

        if (!context.Request.Path.StartsWithSegments($"/v2/{Repository}") || !Files.TryGetValue(file, out var bytes))
        {
            context.Response.StatusCode = 404;
            await context.Response.WriteAsync("""{"errors":[{"code":"METADATA_NOT_FOUND"}]}""");
            return;
        }

        await context.Response.Body.WriteAsync(bytes);
    }

    private void Put(string name, byte[] bytes, JsonObject listed)
    {
        listed[name] = Listed(bytes);
        Files[$"{name}.{Convert.ToHexStringLower(SHA256.HashData(bytes))}.json"] = bytes;
    }

    private byte[] Sign(string name, string type, FakeRole role, JsonObject body)
    {
        body["_type"] = type;
        body["version"] = role.Version;
        body["expires"] = role.Expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'12Z'", CultureInfo.InvariantCulture);
        Change(name, body);
        var signed = CanonicalJson.Encode(body);

        // ECDSA signs differently each time: what did not change is published as it was.
        var key = $"{string.Join(' ', (role.SignedBy ?? role.Keys).Select(k => k.Id))} {Encoding.UTF8.GetString(signed)}";
        if (_signed.TryGetValue(key, out var before))
        {
            return before;
        }

        var signatures = new JsonArray([.. (role.SignedBy ?? role.Keys).Select(k => (JsonNode)k.Sign(signed))]);
        return _signed[key] = [.. "{\"signed\":"u8, .. signed, .. ",\"signatures\":"u8, .. CanonicalJson.Encode(signatures), .. "}"u8];
    }

    private static JsonObject Content(FakeRole role, SortedDictionary<string, FakeRole> delegations) => new()
    {
        ["targets"] = new JsonObject(role.Tags.Select(t => KeyValuePair.Create(t.Key, (JsonNode?)Listed(t.Value)))),
        ["delegations"] = new JsonObject
        {
            ["keys"] = Keys(delegations.Values),
            ["roles"] = new JsonArray([.. delegations.Select(d =>
            {
                var json = d.Value.Json;
                json["name"] = d.Key;
                json["paths"] = new JsonArray([.. d.Value.Paths.Select(p => (JsonNode)p)]);
                return (JsonNode)json;
            })]),
        },
    };

    private static JsonObject Keys(IEnumerable<FakeRole> roles) =>
        new(roles.SelectMany(r => r.Keys).DistinctBy(k => k.Id).Select(k => KeyValuePair.Create(k.Id, (JsonNode?)k.Json.DeepClone())));

    /// <summary>What metadata says about a file.</summary>
    public static JsonObject Listed(byte[] bytes) => new()
    {
        ["hashes"] = new JsonObject { ["sha256"] = Convert.ToBase64String(SHA256.HashData(bytes)), ["sha512"] = Convert.ToBase64String(SHA512.HashData(bytes)) },
        ["length"] = bytes.Length,
    };
}
