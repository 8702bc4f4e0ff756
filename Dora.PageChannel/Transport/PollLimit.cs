namespace Dora.PageChannel.Transport;

/// <summary>
/// How many threads of this process may poll sockets at a time: half the processors, so that who polls never takes the last one. With one processor
/// nobody polls: what is waited for could not run meanwhile. A place is kept for who polled last, for a moment: when more connections would poll in turns
/// than there are places, nobody does, because those that poll are served before those that sleep, and what comes over many comes many in a packet when
/// it is waited for.
/// </summary>
/// <param name="max">The most; 0: nobody polls.</param>
/// <param name="isWorkWaiting">Whether threads are wanted for something else; null: what waits in the thread pool.</param>
internal sealed class PollLimit(int max, Func<bool>? isWorkWaiting = null)
{
    private static readonly TimeSpan CrowdedFor = TimeSpan.FromMilliseconds(5);

    private readonly Func<bool> _isWorkWaiting = isWorkWaiting ?? (static () => ThreadPool.PendingWorkItemCount > 0);
    private readonly Place[] _places = [.. Enumerable.Range(0, max).Select(static _ => new Place())];
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
    public bool IsCrowded(TimeProvider time, long now) => IsRecent(time, Volatile.Read(ref _crowdedSince), now);

    /// <summary>Takes a place, to be given back by <see cref="Exit"/>.</summary>
    /// <param name="who">Number of the connection.</param>
    /// <param name="time">The clock.</param>
    /// <param name="now">Its timestamp.</param>
    /// <returns><see langword="false"/>: all are taken, or kept for others.</returns>
    public bool TryEnter(long who, TimeProvider time, long now)
    {
        if (HasPlace(who, time, now))
        {
            if (Interlocked.Increment(ref _polling) <= max)
            {
                return true;
            }

            Interlocked.Decrement(ref _polling);
        }

        Volatile.Write(ref _crowdedSince, now);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Exit() => Interlocked.Decrement(ref _polling);

    /// <summary>Not locked: two that come at once may take one place, and the next poll of either sees it.</summary>
    private bool HasPlace(long who, TimeProvider time, long now)
    {
        Place? free = null;
        foreach (Place place in _places)
        {
            if (Volatile.Read(ref place.Who) == who)
            {
                free = place;
                break;
            }

            free = IsRecent(time, Volatile.Read(ref place.Since), now) ? free : place;
        }

        if (free is null)
        {
            return false;
        }

        Volatile.Write(ref free.Who, who);
        Volatile.Write(ref free.Since, now);
        return true;
    }

    private static bool IsRecent(TimeProvider time, long since, long now)
    {
        // Before zero: a timestamp of another clock.
        TimeSpan elapsed = time.GetElapsedTime(since, now);
        return elapsed >= TimeSpan.Zero && elapsed < CrowdedFor;
    }

    private sealed class Place
    {
        public long Who = -1;
        public long Since = long.MinValue / 2;
    }
}
