namespace Dora.PageChannel.Transport;

/// <summary>
/// How many threads of this process may poll sockets at a time: half the processors, so that who polls never takes the last one. With one processor
/// nobody polls: what is waited for could not run meanwhile. When more connections would poll than may, nobody does for a moment: those that poll would be
/// served before those that sleep.
/// </summary>
/// <param name="max">The most; 0: nobody polls.</param>
/// <param name="isWorkWaiting">Whether threads are wanted for something else; null: what waits in the thread pool.</param>
internal sealed class PollLimit(int max, Func<bool>? isWorkWaiting = null)
{
    private static readonly TimeSpan CrowdedFor = TimeSpan.FromMilliseconds(5);

    private readonly Func<bool> _isWorkWaiting = isWorkWaiting ?? (static () => ThreadPool.PendingWorkItemCount > 0);
    private int _polling;
    private long _crowdedSince = long.MinValue / 2;

    /// <summary>What all connections of this process share, a worker's and a client's alike.</summary>
    public static PollLimit Shared { get; } = new(For(Environment.ProcessorCount));

    /// <summary>The most.</summary>
    public int Max => max;

    /// <summary>Whether work waits for a thread: who polls stops, and nobody begins.</summary>
    public bool IsWorkWaiting => _isWorkWaiting();

    /// <summary>The limit for a number of processors.</summary>
    public static int For(int processors) => processors / 2;

    /// <summary>Whether somebody found no place a moment ago: who polls stops, and nobody begins.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="now">Its timestamp.</param>
    public bool IsCrowded(TimeProvider time, long now)
    {
        // Before zero: a timestamp of another clock.
        TimeSpan elapsed = time.GetElapsedTime(Volatile.Read(ref _crowdedSince), now);
        return elapsed >= TimeSpan.Zero && elapsed < CrowdedFor;
    }

    /// <summary>Takes a place, to be given back by <see cref="Exit"/>.</summary>
    /// <param name="now">The timestamp.</param>
    /// <returns><see langword="false"/>: all are taken.</returns>
    public bool TryEnter(long now)
    {
        if (Interlocked.Increment(ref _polling) <= max)
        {
            return true;
        }

        Interlocked.Decrement(ref _polling);
        Volatile.Write(ref _crowdedSince, now);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Exit() => Interlocked.Decrement(ref _polling);
}
