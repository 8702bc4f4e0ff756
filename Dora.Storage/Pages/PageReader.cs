using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages;

/// <summary>Serves pages from records, and drops records that are not right.</summary>
internal sealed class PageReader(StoreContext store, IPageIndex index, RecordSpace space, VolumeSet volumes) : IPageLeaseOwner
{
    private readonly RecordReader _records = new(store, index);
    private readonly IPageLeaseOwner _warmLeases = new WarmLeases(store.Pins);

    /// <summary>How a try to serve from a record ended.</summary>
    private enum Attempt
    {
        Served,

        /// <summary>The record is out of the index: look again.</summary>
        Dropped,

        /// <summary>Its directory is quarantined or the store is closing.</summary>
        Unavailable,
    }

    /// <summary>Copies what is there from an offset on without a gap.</summary>
    public int Read(in PageKey page, int offset, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length && index.TryFind(page, offset + total, out RecordId id, out IndexedRecord record))
        {
            int count = Math.Min(destination.Length - total, record.End - offset - total);
            Attempt attempt = Try(page, id, record, offset + total - record.Offset, count, destination.Slice(total, count));
            store.Pins.Unpin(record.Place);
            if (attempt == Attempt.Unavailable)
            {
                break;
            }

            total += attempt == Attempt.Served ? count : 0;
        }

        return total;
    }

    /// <summary>How many bytes are there from an offset on without a gap, where records may be too old to be served: those are dropped.</summary>
    public int CoveredNow(in PageKey page, int offset, int length)
    {
        int total = 0;
        while (total < length && index.TryFind(page, offset + total, out RecordId id, out IndexedRecord record))
        {
            bool isExpired = IsExpired(record);
            if (isExpired)
            {
                Expire(id, record);
            }

            store.Pins.Unpin(record.Place);
            total += isExpired ? 0 : Math.Min(length - total, record.End - offset - total);
        }

        return total;
    }

    /// <summary>Lends a part of one record; the pin is the lease.</summary>
    public bool TryLease(in PageKey page, int offset, int length, LocateMode mode, out PageLease lease)
    {
        lease = default;
        if (length <= 0 || !TryFind(page, offset, mode, out RecordId id, out IndexedRecord record))
        {
            return false;
        }

        IPageLeaseOwner owner = mode == LocateMode.Wait ? this : _warmLeases;
        int from = offset - record.Offset;
        if (record.End - offset < length || !TryUse(page, id, record, from, length, mode))
        {
            owner.Release(record.Place);
            return false;
        }

        long position = record.Place.Position + RecordHeader.PayloadOffsetOf(record.Length) + from;
        lease = new PageLease(owner, record.Place, store.Segments[record.Place.Slot]!, position, length);
        return true;
    }

    /// <summary>Finds and pins the record that holds a byte, waiting for the index only where the mode allows it.</summary>
    public bool TryFind(in PageKey page, int offset, LocateMode mode, out RecordId id, out IndexedRecord record) =>
        mode == LocateMode.Wait ? index.TryFind(page, offset, out id, out record) : index.TryFindNow(page, offset, out id, out record);

    /// <summary>Ends what <see cref="TryFind"/> began.</summary>
    public void Release(RecordPlace place, LocateMode mode) => (mode == LocateMode.Wait ? this : _warmLeases).Release(place);

    /// <summary>Whether bytes of a record that the caller has pinned may be read by somebody else: right, and by the mode counted as used.</summary>
    public bool TryUse(in PageKey page, RecordId id, in IndexedRecord record, int from, int length, LocateMode mode)
    {
        if (mode == LocateMode.Wait)
        {
            return Try(page, id, record, from, length, []) == Attempt.Served;
        }

        // What has expired is dropped by whoever may wait for the disk.
        Segment segment = store.Segments[record.Place.Slot]!;
        if (!segment.Volume.Health.IsGood || IsExpired(record) || !RecordReader.IsVerified(record, from, length))
        {
            return false;
        }

        if (mode == LocateMode.Warm)
        {
            Touch(segment, id, page);
        }

        return true;
    }

    /// <summary>Whether a record's time is not over and its disk answers.</summary>
    public bool IsServable(IndexedRecord record) => !IsExpired(record) && store.Segments[record.Place.Slot] is { Volume.Health.IsGood: true };

    public void Release(RecordPlace place) => store.Pins.Unpin(place);

    public void TakeBack(ulong loan) => Release(RecordPlace.OfLoan(loan));

    /// <summary>Reads a record whole, checks it, and drops it when it is not right.</summary>
    public void Scrub(RecordId id, RecordPlace place)
    {
        store.Pins.Pin(place);
        if (index.TryGet(id, place, out PageKey page, out IndexedRecord record) && store.Segments[place.Slot] is { Volume.Health.IsGood: true } segment)
        {
            try
            {
                Judge(segment, id, record, _records.VerifyAll(page, id, record));
            }
            catch (IOException e)
            {
                Failed(segment, id, record, e);
            }

            Interlocked.Add(ref store.Counters.Scrubbed, record.Length);
        }

        store.Pins.Unpin(place);
    }

    /// <summary>Copies bytes of a record, or only checks them when there is no memory to copy them to.</summary>
    private Attempt Try(in PageKey page, RecordId id, in IndexedRecord record, int from, int length, Span<byte> destination)
    {
        Segment segment = store.Segments[record.Place.Slot]!;
        if (!segment.Volume.Health.IsGood)
        {
            return Attempt.Unavailable;
        }

        if (IsExpired(record))
        {
            return Expired(id, record);
        }

        try
        {
            Attempt attempt = Judge(
                segment, id, record, destination.IsEmpty ? _records.Verify(page, id, record, from, length) : _records.Read(page, id, record, from, destination));
            return attempt == Attempt.Served ? Touch(segment, id, page) : attempt;
        }
        catch (IOException e)
        {
            return Failed(segment, id, record, e);
        }
        catch (ObjectDisposedException)
        {
            // The store closes.
            return Attempt.Unavailable;
        }
    }

    private Attempt Touch(Segment segment, RecordId id, in PageKey page)
    {
        segment.Volume.Policy.OnHit(ref index.State(id), page);
        return Attempt.Served;
    }

    private bool IsExpired(in IndexedRecord record) =>
        store.Mounts.AnyExpires && store.Mounts.IsExpired(record.Mount, record.StoredAt, store.Now());

    /// <summary>Drops a record whose time is over.</summary>
    public void Expire(RecordId id, in IndexedRecord record)
    {
        if (TryDrop(id, record))
        {
            Interlocked.Increment(ref store.Counters.Expired);
        }
    }

    private Attempt Expired(RecordId id, in IndexedRecord record)
    {
        Expire(id, record);
        return Attempt.Dropped;
    }

    private Attempt Failed(Segment segment, RecordId id, in IndexedRecord record, IOException e)
    {
        Judge(segment, id, record, RecordState.Damaged);
        volumes.Failed(segment.Volume, e);
        return Attempt.Dropped;
    }

    private Attempt Judge(Segment segment, RecordId id, in IndexedRecord record, RecordState state)
    {
        if (state == RecordState.Right)
        {
            return Attempt.Served;
        }

        if (TryDrop(id, record))
        {
            if (state == RecordState.Stale)
            {
                Interlocked.Increment(ref store.Counters.Stale);
            }
            else
            {
                Interlocked.Increment(ref store.Counters.Damaged);
                store.Logger.DamagedRecord(segment.Path, record.Place.Position);
            }
        }

        return Attempt.Dropped;
    }

    private bool TryDrop(RecordId id, in IndexedRecord record)
    {
        bool dropped = index.TryRemove(id, record.Place, out DroppedRecord gone);
        if (dropped)
        {
            space.GiveBack(gone.Record);
        }

        return dropped;
    }

    /// <summary>Ends leases on threads that must not wait for a disk.</summary>
    private sealed class WarmLeases(PagePins pins) : IPageLeaseOwner
    {
        public void Release(RecordPlace place) => pins.UnpinWithoutWaiting(place);

        public void TakeBack(ulong loan) => Release(RecordPlace.OfLoan(loan));
    }
}
