using ContainerBuildGuard.Testing;

namespace ContainerBuildGuard.Images.Registries;

/// <summary>A registry that never stands still and never gets on is left as one that stands still.</summary>
[TestClass]
public sealed class ResumingStreamTests
{
    private readonly QuickTime _time = new();
    private int _opened = 1;

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task One_that_drips_is_left_after_its_attempts()
    {
        await using var stream = Open(TimeSpan.FromSeconds(5), 1, 1 << 20);
        var error = await Assert.ThrowsExactlyAsync<ImageException>(() => stream.CopyToAsync(Stream.Null, TestContext.CancellationToken));
        Assert.AreEqual(ImageError.Unreachable, error.Error);
        Assert.Contains("only 121 bytes came in 605 seconds", error.Message);
        Assert.AreEqual(Options.Attempts, _opened);
    }

    [TestMethod]
    public async Task One_that_is_slow_and_gets_on_is_read_to_its_end()
    {
        await using var stream = Open(TimeSpan.FromSeconds(5), 5 << 10, 2 << 20);
        using var read = new MemoryStream();
        await stream.CopyToAsync(read, TestContext.CancellationToken);
        Assert.AreEqual(2 << 20, read.Length);
        Assert.AreEqual(1, _opened);
        Assert.IsEmpty(_time.Pauses);
    }

    private RegistryClientOptions Options => new(_ => null) { Time = _time, StallTimeout = QuickTime.Limit };

    private ResumingStream Open(TimeSpan pause, int bytes, int length) => new(new Dripping(_time, pause, bytes, length), (from, _) =>
    {
        _opened++;
        return Task.FromResult<Stream?>(new Dripping(_time, pause, bytes, (int)(length - from)));
    }, length, "registry.test", Options);

    /// <summary>Some bytes at a time, each after a while.</summary>
    private sealed class Dripping(QuickTime time, TimeSpan pause, int bytes, int length) : AsyncForwardStream
    {
        private int _left = length;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            time.Advance(pause);
            var count = Math.Min(Math.Min(bytes, buffer.Length), _left);
            _left -= count;
            return ValueTask.FromResult(count);
        }
    }
}
