using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages;

/// <summary>
/// Counts the readers and leases of records, so that no record's bytes are given back under them. Records share a fixed number of counters: a shared one
/// only delays. A reader counts itself while the index holds its shard; a record that has left the index gets no new readers, so once its counter was
/// seen at zero its space is free.
/// </summary>
internal sealed class PagePins
{
    private const int Stripes = 1 << 14;

    // Bit 30: somebody waits for zero.
    private const int Waiting = 1 << 30;

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(5);

    private readonly int[] _counts = new int[Stripes];

    /// <summary>Called by whoever brings a counter with waiters to zero, on that thread; the argument is the stripe.</summary>
    public Action<int>? Released { get; set; }

    public static int StripeOf(RecordPlace place) => (int)((((ulong)place.Slot << 32) + place.Step) * 0x9E3779B97F4A7C15 >> 50);

    public bool IsPinned(RecordPlace place) => (Volatile.Read(ref _counts[StripeOf(place)]) & ~Waiting) != 0;

    public void Pin(RecordPlace place) => Interlocked.Increment(ref _counts[StripeOf(place)]);

    public void Unpin(RecordPlace place)
    {
        int stripe = StripeOf(place);
        if (Interlocked.Decrement(ref _counts[stripe]) == Waiting)
        {
            Released?.Invoke(stripe);
        }
    }

    /// <summary>As <see cref="Unpin"/> for a thread that must not wait for a disk: what that would set going runs on the thread pool.</summary>
    public void UnpinWithoutWaiting(RecordPlace place)
    {
        int stripe = StripeOf(place);
        if (Interlocked.Decrement(ref _counts[stripe]) == Waiting && Released is { } released)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static s => s.Released(s.Stripe), (Released: released, Stripe: stripe), preferLocal: false);
        }
    }

    /// <summary>Waits until nobody reads anything, or the time is over. Only when no reads begin any more.</summary>
    public async Task<bool> WaitAsync(TimeSpan patience)
    {
        for (long since = TimeProvider.System.GetTimestamp(); Array.Exists(_counts, static c => (c & ~Waiting) != 0);)
        {
            if (TimeProvider.System.GetElapsedTime(since) > patience)
            {
                return false;
            }

            await Task.Delay(Step, TimeProvider.System).ConfigureAwait(false);
        }

        return true;
    }

    /// <summary>Asks for <see cref="Released"/>. <see langword="false"/> when the counter is zero by now: then nobody calls.</summary>
    public bool TryWait(int stripe) => (Interlocked.Or(ref _counts[stripe], Waiting) & ~Waiting) != 0;

    /// <summary>
    /// Takes the wish for <see cref="Released"/> back if the counter is zero at this instant. <see langword="false"/>: the stripe was pinned again, and whoever
    /// ends that pin calls; or somebody else took the wish back.
    /// </summary>
    public bool TryEndWait(int stripe) => Interlocked.CompareExchange(ref _counts[stripe], 0, Waiting) == Waiting;
}
