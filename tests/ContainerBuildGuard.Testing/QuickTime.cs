namespace ContainerBuildGuard.Testing;

/// <summary>A clock whose short timers (pauses between attempts) fire at once, and whose long ones (time limits) fire when the test says so.</summary>
public sealed class QuickTime : TimeProvider
{
    /// <summary>From here on a timer is a time limit.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly List<QuickTimer> _limits = [];
    private readonly List<TimeSpan> _pauses = [];
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Every pause that was waited for.</summary>
    public IReadOnlyList<TimeSpan> Pauses
    {
        get
        {
            lock (_lock)
            {
                return [.. _pauses];
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _now.Ticks;

    public void Advance(TimeSpan time) => _now += time;

    /// <summary>All time limits that are set pass.</summary>
    public void PassLimits()
    {
        List<QuickTimer> due;
        lock (_lock)
        {
            due = [.. _limits];
            _limits.Clear();
        }

        due.ForEach(t => t.Fire());
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new QuickTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private void Schedule(QuickTimer timer, TimeSpan dueTime)
    {
        lock (_lock)
        {
            _limits.Remove(timer);
            if (dueTime == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            if (dueTime >= Limit)
            {
                _limits.Add(timer);
                return;
            }

            _pauses.Add(dueTime);
            _now += dueTime;
        }

        ThreadPool.QueueUserWorkItem(_ => timer.Fire());
    }

    private sealed class QuickTimer(QuickTime time, Action fire) : ITimer
    {
        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Schedule(this, dueTime);
            return true;
        }

        public void Dispose() => time.Schedule(this, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
