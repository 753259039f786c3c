using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ContainerBuildGuard.Sigstore.Tuf;

/// <summary>A TUF repository in memory that can be made to lie.</summary>
internal sealed class TufSimulator : ITufRepository
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly Dictionary<string, List<ECDsa>> _keys = [];
    private readonly Dictionary<string, byte[]> _targets = [];
    private readonly Dictionary<string, (JsonObject Delegations, List<string> Roles)> _delegations = [];

    public TufSimulator()
    {
        foreach (var role in (string[])["root", "timestamp", "snapshot", "targets"])
        {
            _keys[role] = [ECDsa.Create(ECCurve.NamedCurves.nistP256)];
        }
    }

    public static DateTimeOffset Now { get; } = new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero);

    public int RootVersion { get; set; } = 1;

    public int TimestampVersion { get; set; } = 1;

    public int SnapshotVersion { get; set; } = 1;

    public int TargetsVersion { get; set; } = 1;

    public Dictionary<string, DateTimeOffset> Expires { get; } = new() { ["root"] = Now.AddYears(1), ["timestamp"] = Now.AddDays(7), ["snapshot"] = Now.AddDays(30), ["targets"] = Now.AddDays(60) };

    public Dictionary<string, int> Thresholds { get; } = [];

    /// <summary>Versions that the snapshot lists instead of the real ones.</summary>
    public Dictionary<string, int> Listed { get; } = [];

    /// <summary>Changes bytes as they go out.</summary>
    public Func<string, byte[], byte[]?> Tamper { get; set; } = (_, bytes) => bytes;

    public List<string> Requests { get; } = [];

    public byte[] InitialRoot { get; private set; } = [];

    public List<ECDsa> Keys(string role) => _keys[role];

    public void AddTarget(string path, string content, string role = "targets")
    {
        _targets[$"{role}\n{path}"] = Encoding.UTF8.GetBytes(content);
    }

    public void Delegate(string from, string to, bool terminating, params string[] paths)
    {
        _keys.TryAdd(to, [ECDsa.Create(ECCurve.NamedCurves.nistP256)]);
        Expires.TryAdd(to, Now.AddDays(60));
        if (!_delegations.TryGetValue(from, out var delegations))
        {
            _delegations[from] = delegations = (new JsonObject { ["keys"] = new JsonObject(), ["roles"] = new JsonArray() }, []);
        }

        foreach (var key in _keys[to])
        {
            delegations.Delegations["keys"]![KeyId(key)] = Key(key);
        }

        delegations.Delegations["roles"]!.AsArray().Add(new JsonObject
        {
            ["name"] = to,
            ["keyids"] = new JsonArray([.. _keys[to].Select(k => (JsonNode)KeyId(k))]),
            ["threshold"] = 1,
            ["terminating"] = terminating,
            ["paths"] = new JsonArray([.. paths.Select(p => (JsonNode)p)]),
        });
        delegations.Roles.Add(to);
    }

    /// <summary>Signs and publishes everything at the versions that are set.</summary>
    public TufSimulator Publish(Action<string, JsonObject>? change = null, IReadOnlyDictionary<string, List<ECDsa>>? signers = null)
    {
        var meta = new JsonObject();
        foreach (var role in _keys.Keys.Where(r => r is not ("root" or "timestamp" or "snapshot")))
        {
            var body = new JsonObject { ["targets"] = new JsonObject(_targets.Where(t => t.Key.StartsWith(role + "\n", StringComparison.Ordinal)).Select(t => KeyValuePair.Create(t.Key.Split('\n')[1], (JsonNode?)File(t.Value)))) };
            if (_delegations.TryGetValue(role, out var delegations))
            {
                body["delegations"] = delegations.Delegations.DeepClone();
            }

            Put($"{TargetsVersion}.{Uri.EscapeDataString(role)}.json", Sign(role, "targets", TargetsVersion, body, change, signers));
            meta[$"{role}.json"] = new JsonObject { ["version"] = Listed.GetValueOrDefault(role, TargetsVersion) };
        }

        foreach (var (key, content) in _targets)
        {
            var parts = key.Split('\n')[1].Split('/');
            parts[^1] = $"{Convert.ToHexStringLower(SHA256.HashData(content))}.{parts[^1]}";
            Put($"targets/{string.Join('/', parts)}", content);
        }

        var snapshot = Sign("snapshot", "snapshot", SnapshotVersion, new JsonObject { ["meta"] = meta }, change, signers);
        Put($"{SnapshotVersion}.snapshot.json", snapshot);
        Put("timestamp.json", Sign("timestamp", "timestamp", TimestampVersion, new JsonObject { ["meta"] = new JsonObject { ["snapshot.json"] = Described(snapshot, SnapshotVersion) } }, change, signers));
        PublishRoot(_keys["root"], change);
        return this;
    }

    /// <summary>Publishes a root that <paramref name="signers"/> sign.</summary>
    public void PublishRoot(IEnumerable<ECDsa> signers, Action<string, JsonObject>? change = null)
    {
        var top = (string[])["root", "timestamp", "snapshot", "targets"];
        var body = new JsonObject
        {
            ["consistent_snapshot"] = true,
            ["keys"] = new JsonObject(top.SelectMany(r => _keys[r]).DistinctBy(KeyId).Select(k => KeyValuePair.Create(KeyId(k), (JsonNode?)Key(k)))),
            ["roles"] = new JsonObject(top.Select(r => KeyValuePair.Create(r, (JsonNode?)new JsonObject { ["keyids"] = new JsonArray([.. _keys[r].Select(k => (JsonNode)KeyId(k))]), ["threshold"] = Thresholds.GetValueOrDefault(r, 1) }))),
        };
        var bytes = Sign("root", "root", RootVersion, body, change, new Dictionary<string, List<ECDsa>> { ["root"] = [.. signers] });
        Put($"{RootVersion}.root.json", bytes);
        InitialRoot = InitialRoot.Length == 0 ? bytes : InitialRoot;
    }

    public Task<byte[]?> FetchAsync(string path, long maxBytes, CancellationToken cancellationToken)
    {
        Requests.Add(path);
        var bytes = _files.TryGetValue(path, out var file) ? Tamper(path, file) : null;
        return bytes?.Length > maxBytes ? throw new TufException(TufError.Limit, $"{path} is too long") : Task.FromResult(bytes);
    }

    public static string KeyId(ECDsa key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));

    private static JsonObject Key(ECDsa key) => new() { ["keytype"] = "ecdsa", ["scheme"] = "ecdsa-sha2-nistp256", ["keyval"] = new JsonObject { ["public"] = key.ExportSubjectPublicKeyInfoPem() } };

    private static JsonObject File(byte[] content) => new() { ["length"] = content.Length, ["hashes"] = new JsonObject { ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(content)) } };

    private static JsonObject Described(byte[] content, int version)
    {
        var file = File(content);
        file["version"] = version;
        return file;
    }

    private byte[] Sign(string role, string type, int version, JsonObject body, Action<string, JsonObject>? change, IReadOnlyDictionary<string, List<ECDsa>>? signers)
    {
        body["_type"] = type;
        body["spec_version"] = "1.0.31";
        body["version"] = version;
        body["expires"] = Expires[role].ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        change?.Invoke(role, body);
        using var document = JsonDocument.Parse(body.ToJsonString());
        var signed = CanonicalJson.Encode(document.RootElement);
        var keys = signers?.GetValueOrDefault(role) ?? _keys[role];
        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["signatures"] = new JsonArray([.. keys.Select(k => (JsonNode)new JsonObject { ["keyid"] = KeyId(k), ["sig"] = Convert.ToHexStringLower(k.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)) })]),
            ["signed"] = body,
        }.ToJsonString());
    }

    private void Put(string path, byte[] bytes) => _files[path] = bytes;
}
