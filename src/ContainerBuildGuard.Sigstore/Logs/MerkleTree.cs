using System.Collections.Immutable;
using System.Security.Cryptography;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Merkle trees of transparency logs (RFC 6962, section 2.1; RFC 9162, section 2.1.3.2).</summary>
internal static class MerkleTree
{
    public static byte[] LeafHash(ReadOnlySpan<byte> leaf)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([0]);
        hash.AppendData(leaf);
        return hash.GetHashAndReset();
    }

    /// <summary>The root that the path leads to; null where the path does not fit index and size.</summary>
    public static byte[]? RootOf(byte[] leafHash, long index, long size, ImmutableArray<byte[]> path)
    {
        if (index < 0 || index >= size)
        {
            return null;
        }

        var (node, last, root) = (index, size - 1, leafHash);
        foreach (var neighbour in path)
        {
            if (last == 0 || neighbour.Length != SHA256.HashSizeInBytes)
            {
                return null;
            }

            if ((node & 1) == 1 || node == last)
            {
                root = NodeHash(neighbour, root);
                while ((node & 1) == 0 && node != 0)
                {
                    (node, last) = (node >> 1, last >> 1);
                }
            }
            else
            {
                root = NodeHash(root, neighbour);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 ? root : null;
    }

    private static byte[] NodeHash(byte[] left, byte[] right)
    {
        Span<byte> both = stackalloc byte[1 + (2 * SHA256.HashSizeInBytes)];
        both[0] = 1;
        left.CopyTo(both[1..]);
        right.CopyTo(both[(1 + SHA256.HashSizeInBytes)..]);
        return SHA256.HashData(both);
    }
}
