using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace ContainerBuildGuard.HardenedConfiguration;

/// <summary>
/// XXH64 with seed 0 (the xxHash specification), fed piece by piece. It tells equal files apart from others at a small part of what inflating them costs; it proves nothing against
/// somebody who wants two files to look equal, and nothing is decided by it but a remark on size.
/// </summary>
internal struct ContentHash()
{
    private const int StripeBytes = 32;
    private const ulong P1 = 11400714785074694791, P2 = 14029467366897019727, P3 = 1609587929392839161, P4 = 9650029242287828579, P5 = 2870177450012600261;
    private readonly byte[] _rest = new byte[StripeBytes];
    private ulong _a = unchecked(P1 + P2), _b = P2, _c = 0, _d = unchecked(0 - P1);
    private int _restBytes;
    private ulong _length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        _length += (ulong)bytes.Length;
        if (_restBytes > 0)
        {
            var take = Math.Min(StripeBytes - _restBytes, bytes.Length);
            bytes[..take].CopyTo(_rest.AsSpan(_restBytes));
            _restBytes += take;
            bytes = bytes[take..];
            if (_restBytes < StripeBytes)
            {
                return;
            }

            Stripes(_rest);
            _restBytes = 0;
        }

        var whole = bytes.Length / StripeBytes * StripeBytes;
        Stripes(bytes[..whole]);
        bytes[whole..].CopyTo(_rest);
        _restBytes = bytes.Length - whole;
    }

    public readonly ulong Value()
    {
        unchecked
        {
            var hash = _length < StripeBytes ? P5
                : Merge(Merge(Merge(Merge(BitOperations.RotateLeft(_a, 1) + BitOperations.RotateLeft(_b, 7) + BitOperations.RotateLeft(_c, 12) + BitOperations.RotateLeft(_d, 18), _a), _b), _c), _d);
            hash += _length;
            var rest = _rest.AsSpan(0, _restBytes);
            for (; rest.Length >= 8; rest = rest[8..])
            {
                hash = (BitOperations.RotateLeft(hash ^ Round(0, BinaryPrimitives.ReadUInt64LittleEndian(rest)), 27) * P1) + P4;
            }

            if (rest.Length >= 4)
            {
                hash = (BitOperations.RotateLeft(hash ^ (BinaryPrimitives.ReadUInt32LittleEndian(rest) * P1), 23) * P2) + P3;
                rest = rest[4..];
            }

            foreach (var last in rest)
            {
                hash = BitOperations.RotateLeft(hash ^ (last * P5), 11) * P1;
            }

            hash = (hash ^ (hash >> 33)) * P2;
            hash = (hash ^ (hash >> 29)) * P3;
            return hash ^ (hash >> 32);
        }
    }

    private void Stripes(ReadOnlySpan<byte> bytes)
    {
        var (a, b, c, d) = (_a, _b, _c, _d);
        if (BitConverter.IsLittleEndian)
        {
            var words = MemoryMarshal.Cast<byte, ulong>(bytes);
            for (; words.Length >= 4; words = words[4..])
            {
                (a, b, c, d) = (Round(a, words[0]), Round(b, words[1]), Round(c, words[2]), Round(d, words[3]));
            }
        }
        else
        {
            for (; bytes.Length >= StripeBytes; bytes = bytes[StripeBytes..])
            {
                (a, b) = (Round(a, BinaryPrimitives.ReadUInt64LittleEndian(bytes)), Round(b, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..])));
                (c, d) = (Round(c, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..])), Round(d, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..])));
            }
        }

        (_a, _b, _c, _d) = (a, b, c, d);
    }

    private static ulong Round(ulong lane, ulong word) => unchecked(BitOperations.RotateLeft(lane + (word * P2), 31) * P1);

    private static ulong Merge(ulong hash, ulong lane) => unchecked(((hash ^ Round(0, lane)) * P1) + P4);
}
