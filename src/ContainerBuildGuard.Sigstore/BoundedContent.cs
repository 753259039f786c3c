using System.Globalization;

namespace ContainerBuildGuard.Sigstore;

/// <summary>Reads what a server sends, up to a limit in size, and while it sends at a least pace: one that says a byte now and then would never be done, and the client's own time ends with the headers.</summary>
internal static class BoundedContent
{
    /// <summary>How long any pace will do.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Bytes in a second, from then on.</summary>
    public const int LeastPace = 8 << 10;

    /// <summary>The body; null where it is longer than <paramref name="maxBytes"/>, of which nothing more is read.</summary>
    /// <exception cref="IOException">It comes too slowly, or breaks off.</exception>
    public static async Task<byte[]?> ReadAsync(HttpResponseMessage response, long maxBytes, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var start = time.GetTimestamp();
        using var limit = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        using var buffer = new MemoryStream();
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            var chunk = new byte[1 << 14];
            while (await stream.ReadAsync(chunk, either.Token).ConfigureAwait(false) is > 0 and var count)
            {
                if (buffer.Length + count > maxBytes)
                {
                    return null;
                }

                buffer.Write(chunk, 0, count);
                var left = Patience + TimeSpan.FromSeconds((double)buffer.Length / LeastPace) - time.GetElapsedTime(start);
                limit.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
                either.Token.ThrowIfCancellationRequested();
            }

            return buffer.ToArray();
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"only {buffer.Length} bytes came in {time.GetElapsedTime(start).TotalSeconds:0} seconds"), e);
        }
    }
}
