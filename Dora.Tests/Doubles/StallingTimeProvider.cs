using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.Doubles;

/// <summary>A clock that runs on while the timers of this process do not: as after a process was stopped, or its threads were all busy.</summary>
internal sealed class StallingTimeProvider(FakeTimeProvider time) : TimeProvider
{
    private long _stalled;

    public override long TimestampFrequency => time.TimestampFrequency;

    public override long GetTimestamp() => time.GetTimestamp() + Volatile.Read(ref _stalled);

    public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);

    /// <summary>Time passes and no timer fires.</summary>
    public void Stall(TimeSpan length) => Interlocked.Add(ref _stalled, length.Ticks);
}
