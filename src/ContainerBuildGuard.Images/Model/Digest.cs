using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace ContainerBuildGuard.Images;

/// <summary>A content digest, <c>algorithm:hex</c> (OCI image specification, descriptor, "Digests"). Only SHA-256 and SHA-512 are accepted.</summary>
public readonly record struct Digest
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private readonly string? _value;

    private Digest(string value) => _value = value;

    /// <summary>The algorithm: <c>sha256</c> or <c>sha512</c>.</summary>
    public string Algorithm => ToString().Split(':')[0];

    /// <summary>The lower-case hexadecimal hash.</summary>
    public string Hex => ToString().Split(':')[^1];

    /// <summary>The first twelve hexadecimal characters, for people.</summary>
    public string Abbreviated => Hex is { Length: > 12 } hex ? hex[..12] : Hex;

    /// <summary>The SHA-256 digest of <paramref name="content"/>.</summary>
    public static Digest Sha256(ReadOnlySpan<byte> content) => FromHash("sha256", SHA256.HashData(content));

    /// <summary>The digest of <paramref name="content"/> in this digest's algorithm.</summary>
    public Digest SameAlgorithm(ReadOnlySpan<byte> content) =>
        Algorithm == "sha512" ? FromHash("sha512", SHA512.HashData(content)) : Sha256(content);

    /// <summary>A digest from a finished hash.</summary>
    public static Digest FromHash(string algorithm, ReadOnlySpan<byte> hash) => new($"{algorithm}:{Convert.ToHexStringLower(hash)}");

    /// <summary>Parses <paramref name="text"/>.</summary>
    /// <exception cref="FormatException">Not a SHA-256 or SHA-512 digest in lower-case hexadecimal.</exception>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"'{(text.Length > 160 ? text[..160] : text)}' is not a digest (expected sha256:<64 hexadecimal characters>)");

    /// <summary>Parses <paramref name="text"/>; false where it is not a supported digest.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        var length = text switch
        {
            not null when text.StartsWith("sha256:", StringComparison.Ordinal) => 64,
            not null when text.StartsWith("sha512:", StringComparison.Ordinal) => 128,
            _ => 0,
        };
        if (length == 0 || text!.Length != 7 + length || text.AsSpan(7).ContainsAnyExcept(HexDigits))
        {
            return false;
        }

        digest = new Digest(text);
        return true;
    }

    /// <summary>A running hash of this digest's algorithm.</summary>
    public IncrementalHash CreateHash() =>
        IncrementalHash.CreateHash(Algorithm == "sha512" ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256);

    /// <inheritdoc />
    public override string ToString() => _value ?? "";
}
