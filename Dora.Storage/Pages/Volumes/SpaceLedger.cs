using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Volumes;

/// <summary>
/// The bytes of disk of one directory: what its files take and what writers were promised. A promise that would pass the cap is not made. The cap
/// sinks when the disk says "full" below it, and comes back in steps.
/// </summary>
internal sealed class SpaceLedger(long capacityBytes)
{
    private long _used;
    private long _cap = capacityBytes;

    public long Capacity { get; } = capacityBytes;

    public long Used => Interlocked.Read(ref _used);

    /// <summary>The cap in effect.</summary>
    public long Cap => Interlocked.Read(ref _cap);

    public long Free => Cap - Used;

    /// <summary>Takes bytes, if they fit.</summary>
    public bool TryTake(long bytes)
    {
        long used = Used;
        while (used + bytes <= Cap)
        {
            long before = Interlocked.CompareExchange(ref _used, used + bytes, used);
            if (before == used)
            {
                return true;
            }

            used = before;
        }

        return false;
    }

    /// <summary>Books bytes that are there already, or gives some back (negative).</summary>
    public void Book(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>The directory was emptied, but for its lock file.</summary>
    public void Restart() => Interlocked.Exchange(ref _used, RecordPlace.StepSize);

    /// <summary>The disk is full below the cap: no more than what is there now, less a reserve.</summary>
    public void Shrink(long floor)
    {
        long now = Used;
        Interlocked.Exchange(ref _cap, Math.Clamp(now - (now / 64), Math.Min(floor, Capacity), Capacity));
    }

    /// <summary>Tries a little more again.</summary>
    /// <returns>Whether the cap is below the capacity still.</returns>
    public bool Grow()
    {
        long cap = Math.Min(Capacity, Cap + Math.Max(Capacity / 64, StorePage.Size));
        Interlocked.Exchange(ref _cap, cap);
        return cap < Capacity;
    }
}
