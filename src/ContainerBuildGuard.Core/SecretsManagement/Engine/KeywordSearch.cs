using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;

namespace ContainerBuildGuard.SecretsManagement;

/// <summary>A literal that makes a detector look closer; at least four characters, ASCII.</summary>
internal readonly record struct Keyword(string Text, bool IgnoreCase);

/// <summary>Takes the hits of a <see cref="KeywordSearch"/>.</summary>
internal interface IKeywordSink
{
    /// <summary>The keyword with this number (its place in the list) begins at <paramref name="position"/>.</summary>
    void Hit(int position, int keyword);
}

/// <summary>
/// Finds all of a thousand keywords in bytes in one pass. Three filters, each cheaper than what it spares: nibble tables over the four rarest bytes of every
/// keyword (Teddy with 32 buckets), a bitmap over their hash, the comparison with the few keywords that share it. Letter case is folded in the filters and decided
/// by the comparison.
/// </summary>
internal sealed class KeywordSearch
{
    private const uint Fold = 0x20202020;
    private const int Window = 4;
    private const int Sets = 4;
    private readonly byte[][] _keywords;
    private readonly bool[] _ignoreCase;
    private readonly int[] _offsets;
    private readonly ulong[] _bitmap = new ulong[1 << 11];
    private readonly short[] _heads = new short[1 << 13];
    private readonly short[] _next;

    // Tables by set and place in the window: bits of eight buckets by the low and the high half of a byte.
    private readonly Vector128<byte>[] _low = new Vector128<byte>[Sets * Window];
    private readonly Vector128<byte>[] _high = new Vector128<byte>[Sets * Window];

    public KeywordSearch(IReadOnlyList<Keyword> keywords)
    {
        _keywords = [.. keywords.Select(k => Encoding.ASCII.GetBytes(k.IgnoreCase ? k.Text.ToLowerInvariant() : k.Text))];
        _ignoreCase = [.. keywords.Select(k => k.IgnoreCase)];
        _offsets = [.. _keywords.Select(KeywordWindow.Rarest)];
        _next = new short[_keywords.Length];
        Array.Fill(_heads, (short)-1);
        for (var i = 0; i < _keywords.Length; i++)
        {
            var hash = Hash(BitConverter.ToUInt32(_keywords[i], _offsets[i]));
            _bitmap[hash >> 21] |= 1UL << (int)((hash >> 15) & 63);
            ref var head = ref _heads[hash >> 19];
            (_next[i], head) = (head, (short)i);
        }

        FillTables();
    }

    public void Search<TSink>(ReadOnlySpan<byte> bytes, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        ref var start = ref MemoryMarshal.GetReference(bytes);
        var i = Avx2.IsSupported ? Search256(ref start, bytes, ref sink) : Vector128.IsHardwareAccelerated ? Search128(ref start, bytes, ref sink) : 0;
        for (; i <= bytes.Length - Window; i++)
        {
            Confirm(ref start, bytes, i, ref sink);
        }
    }

    private int Search256<TSink>(ref byte start, ReadOnlySpan<byte> bytes, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        var nibble = Vector256.Create((byte)0x0F);
        ref var low = ref MemoryMarshal.GetArrayDataReference(_low256);
        ref var high = ref MemoryMarshal.GetArrayDataReference(_high256);
        var i = 0;
        for (; i <= bytes.Length - 32 - Window; i += 32)
        {
            var a = Vector256.LoadUnsafe(ref start, (nuint)i);
            var b = Vector256.LoadUnsafe(ref start, (nuint)i + 1);
            var c = Vector256.LoadUnsafe(ref start, (nuint)i + 2);
            var d = Vector256.LoadUnsafe(ref start, (nuint)i + 3);
            var (a0, b0, c0, d0) = (a & nibble, b & nibble, c & nibble, d & nibble);
            var (a1, b1, c1, d1) = (High(a, nibble), High(b, nibble), High(c, nibble), High(d, nibble));
            var found = Vector256<byte>.Zero;
            for (var set = 0; set < Sets * Window; set += Window)
            {
                found |= Avx2.Shuffle(Unsafe.Add(ref low, set), a0) & Avx2.Shuffle(Unsafe.Add(ref high, set), a1)
                    & Avx2.Shuffle(Unsafe.Add(ref low, set + 1), b0) & Avx2.Shuffle(Unsafe.Add(ref high, set + 1), b1)
                    & Avx2.Shuffle(Unsafe.Add(ref low, set + 2), c0) & Avx2.Shuffle(Unsafe.Add(ref high, set + 2), c1)
                    & Avx2.Shuffle(Unsafe.Add(ref low, set + 3), d0) & Avx2.Shuffle(Unsafe.Add(ref high, set + 3), d1);
            }

            for (var mask = ~Vector256.Equals(found, Vector256<byte>.Zero).ExtractMostSignificantBits(); mask != 0; mask &= mask - 1)
            {
                Confirm(ref start, bytes, i + BitOperations.TrailingZeroCount(mask), ref sink);
            }
        }

        return i;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        static Vector256<byte> High(Vector256<byte> v, Vector256<byte> nibble) => (v.AsUInt16() >> 4).AsByte() & nibble;
    }

    private int Search128<TSink>(ref byte start, ReadOnlySpan<byte> bytes, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        var nibble = Vector128.Create((byte)0x0F);
        var i = 0;
        for (; i <= bytes.Length - 16 - Window; i += 16)
        {
            var found = Vector128<byte>.Zero;
            for (var set = 0; set < Sets * Window; set += Window)
            {
                var all = Vector128<byte>.AllBitsSet;
                for (var at = 0; at < Window; at++)
                {
                    var v = Vector128.LoadUnsafe(ref start, (nuint)(i + at));
                    all &= Vector128.ShuffleNative(_low[set + at], v & nibble) & Vector128.ShuffleNative(_high[set + at], (v.AsUInt16() >> 4).AsByte() & nibble);
                }

                found |= all;
            }

            for (var mask = ~Vector128.Equals(found, Vector128<byte>.Zero).ExtractMostSignificantBits() & 0xFFFF; mask != 0; mask &= mask - 1)
            {
                Confirm(ref start, bytes, i + BitOperations.TrailingZeroCount(mask), ref sink);
            }
        }

        return i;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Confirm<TSink>(ref byte start, ReadOnlySpan<byte> bytes, int position, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        var hash = Hash(Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref start, position)));
        if ((_bitmap[hash >> 21] & (1UL << (int)((hash >> 15) & 63))) != 0)
        {
            Compare(bytes, position, hash, ref sink);
        }
    }

    private void Compare<TSink>(ReadOnlySpan<byte> bytes, int position, uint hash, ref TSink sink)
        where TSink : IKeywordSink, allows ref struct
    {
        for (int keyword = _heads[hash >> 19]; keyword >= 0; keyword = _next[keyword])
        {
            var text = _keywords[keyword];
            var begin = position - _offsets[keyword];
            if (begin >= 0 && begin + text.Length <= bytes.Length
                && (_ignoreCase[keyword] ? Ascii.EqualsIgnoreCase(bytes.Slice(begin, text.Length), text) : bytes[begin..].StartsWith(text)))
            {
                sink.Hit(begin, keyword);
            }
        }
    }

    // Little endian as the unaligned read above is on every platform that .NET runs on.
    private static uint Hash(uint four) => (four | Fold) * 0x9E3779B1;

    private readonly Vector256<byte>[] _low256 = new Vector256<byte>[Sets * Window];
    private readonly Vector256<byte>[] _high256 = new Vector256<byte>[Sets * Window];

    /// <summary>Keywords whose windows begin alike share a bucket, so that each bucket's tables stay sparse.</summary>
    private void FillTables()
    {
        var order = Enumerable.Range(0, _keywords.Length)
            .OrderBy(k => _keywords[k][_offsets[k]] | 0x20).ThenBy(k => _keywords[k][_offsets[k] + 1] | 0x20).ThenBy(k => _keywords[k][_offsets[k] + 2] | 0x20).ToArray();
        var (low, high) = (new byte[Sets * Window, 16], new byte[Sets * Window, 16]);
        for (var rank = 0; rank < order.Length; rank++)
        {
            var bucket = rank * Sets * 8 / order.Length;
            var keyword = order[rank];
            for (var at = 0; at < Window; at++)
            {
                var value = _keywords[keyword][_offsets[keyword] + at];
                Mark((bucket / 8 * Window) + at, value, (byte)(1 << (bucket % 8)));
                if (_ignoreCase[keyword] && char.IsAsciiLetter((char)value))
                {
                    Mark((bucket / 8 * Window) + at, (byte)(value ^ 0x20), (byte)(1 << (bucket % 8)));
                }
            }
        }

        for (var at = 0; at < Sets * Window; at++)
        {
            _low[at] = Vector128.Create(MemoryMarshal.CreateReadOnlySpan(ref low[at, 0], 16));
            _high[at] = Vector128.Create(MemoryMarshal.CreateReadOnlySpan(ref high[at, 0], 16));
            (_low256[at], _high256[at]) = (Vector256.Create(_low[at], _low[at]), Vector256.Create(_high[at], _high[at]));
        }

        void Mark(int table, byte value, byte bit)
        {
            low[table, value & 0x0F] |= bit;
            high[table, value >> 4] |= bit;
        }
    }
}
