namespace Dora.Benchmarks.Metadata;

/// <summary>Garbage collector pauses, by the runtime's own counters: the total, and the longest of those that are looked at in time.</summary>
internal sealed class PauseWatch
{
    private readonly TimeSpan _before = GC.GetTotalPauseDuration();
    private long _seen;

    internal double TotalMilliseconds => (GC.GetTotalPauseDuration() - _before).TotalMilliseconds;

    internal double LongestMilliseconds { get; private set; }

    /// <summary>Looks at the latest collection of each kind; called often enough, it sees all long ones.</summary>
    internal void Look()
    {
        long count = GC.CollectionCount(0);
        if (count == _seen)
        {
            return;
        }

        _seen = count;
        foreach (GCKind kind in (ReadOnlySpan<GCKind>)[GCKind.Ephemeral, GCKind.FullBlocking, GCKind.Background])
        {
            foreach (TimeSpan pause in GC.GetGCMemoryInfo(kind).PauseDurations)
            {
                LongestMilliseconds = Math.Max(LongestMilliseconds, pause.TotalMilliseconds);
            }
        }
    }
}
