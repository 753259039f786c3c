using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ContainerBuildGuard.Findings;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>
/// Secrets that are known and accepted for now, recognised without being stored: each by a fingerprint that is slow to compute and keyed by the baseline's own
/// random key, so that two baselines have nothing in common and a list of usual passwords is expensive to try.
/// </summary>
public sealed class SecretBaseline
{
    private const int Iterations = 50_000;
    private const int FingerprintBytes = 16;
    private const int MaxBytes = 16 << 20;
    private readonly byte[] _key;
    private readonly HashSet<string> _known;
    private readonly ConcurrentDictionary<(string Fingerprint, string Detector, string Place), byte> _recorded = new();
    private readonly ConcurrentDictionary<string, string> _computed = new(StringComparer.Ordinal);

    private SecretBaseline(string path, byte[] key, IEnumerable<string> known) => (Path, _key, _known) = (path, key, known.ToHashSet(StringComparer.Ordinal));

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Tells the facts that were gathered under this baseline from others.</summary>
    internal string Version => Convert.ToHexStringLower(SHA256.HashData(_key))[..16];

    /// <summary>A baseline to be written to <paramref name="path"/>: with the key of the one that is there, or a new one.</summary>
    /// <exception cref="GuardException">What is there is no baseline.</exception>
    public static SecretBaseline ForWriting(string path) => File.Exists(path) ? new(path, Load(path)._key, []) : new(path, RandomNumberGenerator.GetBytes(32), []);

    /// <exception cref="GuardException">CBG9012: the file is missing, unreadable or no baseline.</exception>
    public static SecretBaseline Load(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > MaxBytes })
            {
                throw new FormatException($"it has more than {MaxBytes >> 20} MiB");
            }

            var root = JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject;
            if ((int?)root?["version"] != 1 || root["secrets"] is not JsonArray secrets)
            {
                throw new FormatException("it has no version 1 and list of secrets");
            }

            return new(path, Convert.FromBase64String((string?)root["key"] ?? throw new FormatException("it has no key")), secrets.Select(s => (string?)s?["fingerprint"] ?? throw new FormatException("an entry has no fingerprint")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or InvalidOperationException)
        {
            throw new GuardException("CBG9012", GuardFailure.Input, $"'{path}' is no secret baseline that can be read ({e.Message.TrimEnd('.')}): write one with `cbg secrets PATH --write-baseline {path}`.", e);
        }
    }

    /// <summary>Whether a secret with this fingerprint is in the baseline.</summary>
    internal bool Knows(string fingerprint) => _known.Contains(fingerprint);

    internal string Fingerprint(ReadOnlySpan<byte> secret)
    {
        // Computed once a value: the digest that stands in for it here never leaves the process.
        var known = Convert.ToHexString(SHA256.HashData(secret));
        if (!_computed.TryGetValue(known, out var fingerprint))
        {
            fingerprint = Convert.ToHexStringLower(Rfc2898DeriveBytes.Pbkdf2(secret, _key, Iterations, HashAlgorithmName.SHA256, FingerprintBytes));
            _computed[known] = fingerprint;
        }

        return fingerprint;
    }

    internal void Record(string fingerprint, string detector, string place) => _recorded.TryAdd((fingerprint, detector, place), 0);

    /// <summary>Writes what was recorded; says how many secrets that are.</summary>
    /// <exception cref="GuardException">CBG9012: the file cannot be written.</exception>
    public int Save()
    {
        var entries = _recorded.Keys.OrderBy(e => e.Place, StringComparer.Ordinal).ThenBy(e => e.Detector, StringComparer.Ordinal).ThenBy(e => e.Fingerprint, StringComparer.Ordinal).ToList();
        var root = new JsonObject
        {
            ["version"] = 1,
            ["key"] = Convert.ToBase64String(_key),
            ["secrets"] = new JsonArray([.. entries.Select(e => new JsonObject { ["place"] = e.Place, ["detector"] = e.Detector, ["fingerprint"] = e.Fingerprint })]),
        };
        try
        {
            var beside = $"{Path}.{Guid.NewGuid():N}.tmp";
            File.WriteAllText(beside, root.ToJsonString(new JsonSerializerOptions { WriteIndented = true }), new UTF8Encoding(false));
            File.Move(beside, Path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GuardException("CBG9012", GuardFailure.Environment, $"'{Path}' cannot be written: {e.Message.TrimEnd('.')}. Give --write-baseline a file in a folder that exists and can be written.", e);
        }

        return entries.Count;
    }
}
