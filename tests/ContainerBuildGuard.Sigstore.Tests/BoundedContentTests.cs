namespace ContainerBuildGuard.Sigstore;

/// <summary>No server decides how long it is listened to.</summary>
[TestClass]
public sealed class BoundedContentTests
{
    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task One_that_drips_is_left_after_the_time_that_its_bytes_are_worth()
    {
        var time = new Clock();
        var source = new Dripping(time, TimeSpan.FromSeconds(3), 1, int.MaxValue);
        var error = await Assert.ThrowsExactlyAsync<IOException>(() => ReadAsync(source, time));
        Assert.AreEqual("only 11 bytes came in 33 seconds", error.Message);
    }

    [TestMethod]
    public async Task One_that_is_slow_and_sends_is_heard_to_its_end()
    {
        var time = new Clock();
        var bytes = await ReadAsync(new Dripping(time, TimeSpan.FromSeconds(1), BoundedContent.LeastPace, 100), time);
        Assert.HasCount(100 * BoundedContent.LeastPace, bytes!);
        Assert.IsGreaterThan(BoundedContent.Patience, time.Passed);
    }

    [TestMethod]
    public async Task One_that_stops_on_the_way_is_left()
    {
        var time = new Clock();
        var reading = ReadAsync(new Silent(), time);
        time.Pass();
        StringAssert.Contains((await Assert.ThrowsExactlyAsync<IOException>(() => reading)).Message, "only 0 bytes came");
    }

    [TestMethod]
    public async Task The_callers_own_cancellation_stays_one()
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(TestContext.CancellationToken);
        using var response = new HttpResponseMessage { Content = new StreamContent(new Silent()) };
        var reading = BoundedContent.ReadAsync(response, 1 << 20, cancelled.Token, new Clock());
        await cancelled.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => reading);
    }

    private async Task<byte[]?> ReadAsync(Stream content, Clock time)
    {
        using var response = new HttpResponseMessage { Content = new StreamContent(content) };
        return await BoundedContent.ReadAsync(response, 1 << 20, TestContext.CancellationToken, time);
    }

    /// <summary>Time passes as the test says; limits that were set are due when they are not in the future, or when the test says so.</summary>
    private sealed class Clock : TimeProvider
    {
        private readonly List<Timer> _timers = [];

        public TimeSpan Passed { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Passed.Ticks;

        public void Pass() => _timers.ForEach(t => t.Fire());

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(() => callback(state));
            _timers.Add(timer);
            timer.Change(dueTime, period);
            return timer;
        }

        private sealed class Timer(Action fire) : ITimer
        {
            public void Fire() => fire();

            public bool Change(TimeSpan dueTime, TimeSpan period)
            {
                if (dueTime == TimeSpan.Zero)
                {
                    fire();
                }

                return true;
            }

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    /// <summary>Some bytes at a time, each after a while.</summary>
    private sealed class Dripping(Clock time, TimeSpan pause, int bytes, int times) : Source
    {
        private int _left = times;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            time.Passed += pause;
            return ValueTask.FromResult(_left-- > 0 ? Math.Min(bytes, buffer.Length) : 0);
        }
    }

    private sealed class Silent : Source
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }

    private abstract class Source : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
