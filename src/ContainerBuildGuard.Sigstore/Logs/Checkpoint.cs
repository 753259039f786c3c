using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ContainerBuildGuard.Sigstore;

/// <summary>A signed tree head (C2SP, "tlog-checkpoint" and "signed-note").</summary>
internal sealed record Checkpoint
{
    private const int MaxSignatures = 100;
    private const int HintBytes = 4;

    /// <summary>What the signatures cover.</summary>
    public required string SignedText { get; init; }

    public required string Origin { get; init; }

    public required long Size { get; init; }

    public required byte[] RootHash { get; init; }

    /// <summary>The signature lines: who, the first bytes of the key's identity, the signature. Most are by witnesses.</summary>
    public required ImmutableArray<(string Name, byte[] Hint, byte[] Signature)> Signatures { get; init; }

    /// <summary>Null where the text is no checkpoint.</summary>
    public static Checkpoint? Parse(string envelope)
    {
        var end = envelope.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (end < 0 || envelope.Length <= end + 2 || !envelope.EndsWith('\n') || envelope.Any(c => char.IsControl(c) && c != '\n'))
        {
            return null;
        }

        var text = envelope[..(end + 1)];
        var lines = text.Split('\n');
        var signatures = envelope[(end + 2)..^1].Split('\n');
        if (lines.Length < 4 || lines[0].Length == 0 || signatures.Length > MaxSignatures
            || !long.TryParse(lines[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) || (lines[1][0] == '0' && lines[1].Length > 1)
            || !Base64.TryDecode(lines[2], out var root) || root.Length != SHA256.HashSizeInBytes)
        {
            return null;
        }

        var parsed = ImmutableArray.CreateBuilder<(string, byte[], byte[])>();
        foreach (var line in signatures)
        {
            // An em dash, the name, the signature: the name holds no space.
            var parts = line.Split(' ');
            if (parts.Length != 3 || parts[0] != "\u2014" || parts[1].Length == 0 || !Base64.TryDecode(parts[2], out var bytes) || bytes.Length <= HintBytes)
            {
                return null;
            }

            parsed.Add((parts[1], bytes[..HintBytes], bytes[HintBytes..]));
        }

        return new Checkpoint { SignedText = text, Origin = lines[0], Size = size, RootHash = root, Signatures = parsed.ToImmutable() };
    }

    /// <summary>Whether the log itself signed; null, or why not.</summary>
    public string? CheckSignature(TransparencyLog log)
    {
        var identity = log.CheckpointKeyId ?? log.LogId;
        var text = Encoding.UTF8.GetBytes(SignedText);
        var fitting = Signatures.Where(s => IsOrigin(s.Name) && identity.AsSpan().StartsWith(s.Hint) && HintFits(s.Name, s.Hint, log.Key!)).ToList();
        return fitting.Count == 0 ? $"the checkpoint has no signature of {log.Name}"
            : fitting.Exists(s => log.Key!.Verify(text, s.Signature)) ? null
            : $"the checkpoint's signature is not by the key of {log.Name}";
    }

    /// <summary>Rekor v1 adds its tree's number to the origin.</summary>
    private bool IsOrigin(string name) => Origin == name || Origin.StartsWith(name + " - ", StringComparison.Ordinal);

    /// <summary>An Ed25519 key's hint also covers the name, so that one log's signature is not another's.</summary>
    private static bool HintFits(string name, byte[] hint, VerificationKey key) =>
        key.Algorithm.Scheme != SignatureScheme.Ed25519
        || SHA256.HashData([.. Encoding.UTF8.GetBytes(name), (byte)'\n', 1, .. Der.KeyBits(key.SubjectPublicKeyInfo)]).AsSpan().StartsWith(hint);
}
