using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Segments;

namespace Dora.Storage.Pages.Records;

/// <summary>
/// Books what the index says came and went. The bytes of a record that left go back to the disk when its last reader is gone: at once as a rule, else
/// on the thread that ends the last read or lease (one of the pool's, where that thread must not wait).
/// </summary>
internal sealed class RecordSpace : IIndexObserver
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, List<(RecordPlace Place, int Size)>> _waiting = [];
    private readonly StoreContext _store;

    public RecordSpace(StoreContext store)
    {
        _store = store;
        store.Pins.Released = FreeWaiting;
    }

    public void Pin(RecordPlace place) => _store.Pins.Pin(place);

    public void Unpin(RecordPlace place) => _store.Pins.UnpinWithoutWaiting(place);

    public bool OnAdded(RecordId id, in PageKey page, in IndexedRecord record)
    {
        int size = RecordHeader.SizeOf(record.Length);
        if (_store.Segments[record.Place.Slot] is not { } segment || record.Place.Position + size > segment.Length)
        {
            return false;
        }

        segment.Volume.Hold(segment, new SegmentEntry(record.Place.Step, id), size);
        _store.Mounts.Book(record.Mount, size);
        _store.Mounts.BookPinned(record.Pinned ? record.Length : 0);
        return true;
    }

    /// <summary>Takes over records that left the index.</summary>
    /// <returns>Their bytes of disk.</returns>
    public long GiveBack(List<DroppedRecord> dropped)
    {
        long bytes = 0;
        foreach (DroppedRecord record in dropped)
        {
            bytes += GiveBack(record.Record);
        }

        dropped.Clear();
        return bytes;
    }

    /// <summary>Takes over a record that left the index.</summary>
    /// <returns>Its bytes of disk.</returns>
    public long GiveBack(in IndexedRecord record)
    {
        Interlocked.Increment(ref _store.Counters.Dropped);
        return Leave(record);
    }

    /// <summary>Takes over the place that a record had before it was moved; its bytes are cached as before.</summary>
    public void GiveBackMoved(in IndexedRecord record) => Leave(record);

    private long Leave(in IndexedRecord record)
    {
        int size = RecordHeader.SizeOf(record.Length);
        _store.Mounts.Book(record.Mount, -size);
        _store.Mounts.BookPinned(record.Pinned ? -record.Length : 0);

        // A reader pins first and then looks whether the index still has the record; here it is the other way round, so one of the two sees the other.
        Interlocked.MemoryBarrier();
        if (_store.Pins.IsPinned(record.Place))
        {
            Wait(record.Place, size);
        }
        else
        {
            Free(record.Place, size);
        }

        return size;
    }

    private void Wait(RecordPlace place, int size)
    {
        int stripe = PagePins.StripeOf(place);
        lock (_gate)
        {
            if (!_waiting.TryGetValue(stripe, out var list))
            {
                _waiting.Add(stripe, list = []);
            }

            list.Add((place, size));
        }

        if (!_store.Pins.TryWait(stripe))
        {
            FreeWaiting(stripe);
        }
    }

    private void FreeWaiting(int stripe)
    {
        List<(RecordPlace Place, int Size)>? list;
        lock (_gate)
        {
            // Since the counter was seen at zero another record of the stripe may have been pinned, have left, and be in the list. All in the list had left the
            // index before: when the counter is zero now, none of them has a reader.
            if (!_store.Pins.TryEndWait(stripe))
            {
                return;
            }

            _waiting.Remove(stripe, out list);
        }

        foreach ((RecordPlace place, int size) in list ?? [])
        {
            Free(place, size);
        }
    }

    private void Free(RecordPlace place, int size)
    {
        // A record that was not given back holds its segment, so the slot is still its.
        Segment segment = _store.Segments[place.Slot]!;
        try
        {
            segment.Volume.Free(segment, place, size);
        }
        catch (ObjectDisposedException)
        {
            // The store has closed: the next start finds that the record is in no index.
        }
    }
}
