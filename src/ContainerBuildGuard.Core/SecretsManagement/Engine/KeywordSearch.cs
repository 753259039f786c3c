using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>A literal that makes a detector look closer; at least three characters, ASCII.</summary>
internal readonly record struct Keyword(string Text, bool IgnoreCase);

/// <summary>Takes the hits of a <see cref="KeywordSearch"/>.</summary>
internal interface IKeywordSink
{
    /// <summary>The keyword with this number (its place in the list) begins at <paramref name="position"/>.</summary>
    void Hit(int position, int keyword);
}

/// <summary>
/// Finds all of several hundred keywords in bytes in one pass. Three filters, each cheaper than what it spares: nibble tables over four bytes (Teddy: 16 or 32
/// positions a step), a bitmap over the hash of four bytes, the comparison with the few keywords that share the hash. Letter case is folded in the filters and
/// decided by the comparison.
/// </summary>
internal sealed class KeywordSearch
{
    private const uint Fold = 0x20202020;
    private const int Buckets = 8;
    private readonly byte[][] _keywords;
    private readonly bool[] _ignoreCase;
    private readonly ulong[] _bitmap = new ulong[1 << 10];
    private readonly short[] _heads = new short[1 << 12];
    private readonly List<(short Keyword, short Next)> _chain = [];
    private readonly Vector128<byte>[] _low = new Vector128<byte>[4];
    private readonly Vector128<byte>[] _high = new Vector128<byte>[4];

    public KeywordSearch(IReadOnlyList<Keyword> keywords)
    {
        _keywords = [.. keywords.Select(k => Encoding.ASCII.GetBytes(k.IgnoreCase ? k.Text.ToLowerInvariant() : k.Text))];
        _ignoreCase = [.. keywords.Select(k => k.IgnoreCase)];
        Array.Fill(_heads, (short)-1);
        for (var i = 0; i < _keywords.Length; i++)
        {
            Index((short)i);
        }

        FillNibbleTables();
    }

    public void Search<TSink>(ReadOnlySpan<byte> bytes, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var i = 0;
        if (Avx2.IsSupported)
        {
            i = Search256(ref start, bytes, ref sink);
        }
        else if (Vector128.IsHardwareAccelerated)
        {
            i = Search128(ref start, bytes, ref sink);
        }

        for (; i <= bytes.Length - 4; i++)
        {
            Confirm(ref start, bytes, i, ref sink);
        }
    }

    private int Search256<TSink>(ref byte start, ReadOnlySpan<byte> bytes, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        var nibble = Vector256.Create((byte)0x0F);
        var (low0, low1, low2, low3) = (Twice(_low[0]), Twice(_low[1]), Twice(_low[2]), Twice(_low[3]));
        var (high0, high1, high2, high3) = (Twice(_high[0]), Twice(_high[1]), Twice(_high[2]), Twice(_high[3]));
        var i = 0;
        for (; i <= bytes.Length - 35; i += 32)
        {
            var found = One(ref start, i, low0, high0) & One(ref start, i + 1, low1, high1) & One(ref start, i + 2, low2, high2) & One(ref start, i + 3, low3, high3);
            for (var mask = ~Vector256.Equals(found, Vector256<byte>.Zero).ExtractMostSignificantBits(); mask != 0; mask &= mask - 1)
            {
                Confirm(ref start, bytes, i + BitOperations.TrailingZeroCount(mask), ref sink);
            }
        }

        return i;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<byte> One(ref byte from, int at, Vector256<byte> low, Vector256<byte> high)
        {
            var v = Vector256.LoadUnsafe(ref from, (nuint)at);
            return Avx2.Shuffle(low, v & nibble) & Avx2.Shuffle(high, (v.AsUInt16() >> 4).AsByte() & nibble);
        }

        static Vector256<byte> Twice(Vector128<byte> table) => Vector256.Create(table, table);
    }

    private int Search128<TSink>(ref byte start, ReadOnlySpan<byte> bytes, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        var nibble = Vector128.Create((byte)0x0F);
        var i = 0;
        for (; i <= bytes.Length - 19; i += 16)
        {
            var found = One(ref start, i, _low[0], _high[0]) & One(ref start, i + 1, _low[1], _high[1]) & One(ref start, i + 2, _low[2], _high[2]) & One(ref start, i + 3, _low[3], _high[3]);
            for (var mask = ~Vector128.Equals(found, Vector128<byte>.Zero).ExtractMostSignificantBits() & 0xFFFF; mask != 0; mask &= mask - 1)
            {
                Confirm(ref start, bytes, i + BitOperations.TrailingZeroCount(mask), ref sink);
            }
        }

        return i;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector128<byte> One(ref byte from, int at, Vector128<byte> low, Vector128<byte> high)
        {
            var v = Vector128.LoadUnsafe(ref from, (nuint)at);
            return Vector128.ShuffleNative(low, v & nibble) & Vector128.ShuffleNative(high, (v.AsUInt16() >> 4).AsByte() & nibble);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Confirm<TSink>(ref byte start, ReadOnlySpan<byte> bytes, int position, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        var hash = Hash(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, position)));
        if ((_bitmap[hash >> 22] & (1UL << (int)((hash >> 16) & 63))) != 0)
        {
            Compare(bytes, position, hash, ref sink);
        }
    }

    private void Compare<TSink>(ReadOnlySpan<byte> bytes, int position, uint hash, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        for (int node = _heads[hash >> 20]; node >= 0; node = _chain[node].Next)
        {
            var keyword = _chain[node].Keyword;
            var text = _keywords[keyword];
            var there = bytes[position..];
            if (there.Length >= text.Length && (_ignoreCase[keyword] ? Ascii.EqualsIgnoreCase(there[..text.Length], text) : there.StartsWith(text)))
            {
                sink.Hit(position, keyword);
            }
        }
    }

    // Little endian as the unaligned read above is on every platform that .NET runs on.
    private static uint Hash(uint four) => (four | Fold) * 0x9E3779B1;

    private void Index(short keyword)
    {
        var text = _keywords[keyword];
        uint first = text[0] | (uint)text[1] << 8 | (uint)text[2] << 16;
        if (text.Length > 3)
        {
            Add(keyword, first | (uint)text[3] << 24);
            return;
        }

        // Three characters: whatever the fourth is.
        for (uint fourth = 0; fourth < 256; fourth++)
        {
            if ((fourth & 0x20) != 0)
            {
                Add(keyword, first | fourth << 24);
            }
        }
    }

    private void Add(short keyword, uint four)
    {
        var hash = Hash(four);
        _bitmap[hash >> 22] |= 1UL << (int)((hash >> 16) & 63);
        ref var head = ref _heads[hash >> 20];
        for (int node = head; node >= 0; node = _chain[node].Next)
        {
            if (_chain[node].Keyword == keyword)
            {
                return;
            }
        }

        _chain.Add((keyword, head));
        head = (short)(_chain.Count - 1);
    }

    /// <summary>Keywords that begin alike share a bucket, so that each bucket's tables stay sparse.</summary>
    private void FillNibbleTables()
    {
        var order = Enumerable.Range(0, _keywords.Length).OrderBy(k => _keywords[k][0] & 0x0F).ThenBy(k => _keywords[k][1] & 0x0F).ToArray();
        var (low, high) = (new byte[4, 16], new byte[4, 16]);
        for (var rank = 0; rank < order.Length; rank++)
        {
            var bucket = (byte)(1 << (rank * Buckets / order.Length));
            var text = _keywords[order[rank]];
            for (var at = 0; at < 4; at++)
            {
                for (var value = 0; value < 256; value++)
                {
                    if (at >= text.Length || value == text[at] || (_ignoreCase[order[rank]] && (value | 0x20) == (text[at] | 0x20)))
                    {
                        low[at, value & 0x0F] |= bucket;
                        high[at, value >> 4] |= bucket;
                    }
                }
            }
        }

        for (var at = 0; at < 4; at++)
        {
            _low[at] = Vector128.Create(MemoryMarshal.CreateReadOnlySpan(ref low[at, 0], 16));
            _high[at] = Vector128.Create(MemoryMarshal.CreateReadOnlySpan(ref high[at, 0], 16));
        }
    }
}
