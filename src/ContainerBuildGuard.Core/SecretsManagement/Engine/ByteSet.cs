using System.Buffers;
using System.Collections.Concurrent;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>A set of bytes with a vectorised search for the first byte that is not in it.</summary>
internal sealed class ByteSet
{
    private static readonly ConcurrentDictionary<string, ByteSet> Known = new(StringComparer.Ordinal);
    private readonly bool[] _members = new bool[256];
    private readonly SearchValues<byte> _values;

    private ByteSet(string members)
    {
        foreach (var c in members)
        {
            _members[c] = true;
        }

        _values = SearchValues.Create([.. members.Select(c => (byte)c)]);
    }

    public static ByteSet Word { get; } = Of("A-Za-z0-9");

    public static ByteSet Base64 { get; } = Of("A-Za-z0-9+/");

    /// <summary>The set that a class such as <c>A-Za-z0-9_-</c> names; a hyphen that means itself stands first or last.</summary>
    public static ByteSet Of(string ranges) => Known.GetOrAdd(ranges, static r => new ByteSet(Expand(r)));

    public IEnumerable<char> Characters => Enumerable.Range(0, 256).Where(c => _members[c]).Select(c => (char)c);

    public bool Contains(byte value) => _members[value];

    public bool Overlaps(ByteSet other) => _members.Zip(other._members).Any(pair => pair.First && pair.Second);

    /// <summary>Where the first byte of the set is; negative where there is none.</summary>
    public int IndexIn(ReadOnlySpan<byte> bytes) => bytes.IndexOfAny(_values);

    /// <summary>Where the last byte of the set is; negative where there is none.</summary>
    public int LastIndexIn(ReadOnlySpan<byte> bytes) => bytes.LastIndexOfAny(_values);

    /// <summary>Whether there is nothing but bytes of the set.</summary>
    public bool IsAll(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyExcept(_values);

    /// <summary>How many of the first bytes are in the set.</summary>
    public int Prefix(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept(_values) is var end && end < 0 ? bytes.Length : end;

    /// <summary>How many of the last bytes are in the set.</summary>
    public int Suffix(ReadOnlySpan<byte> bytes) => bytes.Length - 1 - bytes.LastIndexOfAnyExcept(_values);

    private static string Expand(string ranges)
    {
        var members = new HashSet<char>();
        for (var i = 0; i < ranges.Length; i++)
        {
            if (i + 2 < ranges.Length && ranges[i + 1] == '-')
            {
                for (var c = ranges[i]; c <= ranges[i + 2]; c++)
                {
                    members.Add(c);
                }

                i += 2;
            }
            else
            {
                members.Add(ranges[i]);
            }
        }

        return string.Concat(members);
    }
}
