namespace ContainerBuildGuard.Images;

/// <summary>An answer's body without its first bytes, which are there already. Owns the answer.</summary>
internal sealed class OffsetStream(Stream body, long skip, IDisposable owner) : AsyncForwardStream
{
    private long _skip = skip;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var count = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (_skip == 0 || count == 0)
            {
                return count;
            }

            var skipped = (int)Math.Min(_skip, count);
            _skip -= skipped;
            if (skipped < count)
            {
                buffer[skipped..count].CopyTo(buffer);
                return count - skipped;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            body.Dispose();
            owner.Dispose();
        }

        base.Dispose(disposing);
    }
}
