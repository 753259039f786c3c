namespace ContainerBuildGuard.Sigstore;

/// <summary>Reads what a server sends, up to a limit.</summary>
internal static class BoundedContent
{
    /// <summary>The body; null where it is longer than <paramref name="maxBytes"/>, of which nothing more is read.</summary>
    public static async Task<byte[]?> ReadAsync(HttpResponseMessage response, long maxBytes, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var buffer = new MemoryStream();
        var chunk = new byte[1 << 14];
        while (await stream.ReadAsync(chunk, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            if (buffer.Length + count > maxBytes)
            {
                return null;
            }

            buffer.Write(chunk, 0, count);
        }

        return buffer.ToArray();
    }
}
