using System.IO.Compression;
using System.Security.Cryptography;
using ContainerBuildGuard.Images;

namespace ContainerBuildGuard.Benchmarks;

/// <summary>The least that anything can do that looks at an image: inflate every layer and hash it, compressed and not, on every core.</summary>
internal static class Floor
{
    public static async Task<int> RunAsync(string reference)
    {
        await using var set = await ImageSource.OpenAsync(reference, new ImageSourceOptions(), CancellationToken.None);
        var layers = set.Images.SelectMany(i => i.Manifest.Layers.Select(l => (i.Blobs, Layer: l))).OrderByDescending(l => l.Layer.Size);
        await Parallel.ForEachAsync(layers, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, static async (layer, token) =>
        {
            // The blob's stream hashes the compressed bytes.
            await using var blob = await layer.Blobs.OpenAsync(layer.Layer, token);
            await using var inflated = new GZipStream(blob, CompressionMode.Decompress);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var buffer = new byte[1 << 18];
            while (inflated.Read(buffer) is > 0 and var count)
            {
                hash.AppendData(buffer.AsSpan(0, count));
            }

            hash.GetHashAndReset();
        });
        return 0;
    }
}
