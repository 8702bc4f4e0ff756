using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages.Segments;

/// <summary>
/// Frees whole segments: where holes cannot be punched, to make room; elsewhere when too many segments are nearly empty. What was read since the
/// policy last looked is moved to the end of the volume, the rest is dropped (to make room) or moved too (to tidy up).
/// </summary>
internal sealed class SegmentReclaimer(StoreContext store, IPageIndex index, RecordSpace space, PageVolume volume)
{
    private readonly RecordMover _mover = new(store, index, space, volume);

    /// <summary>Empties the segment with the fewest live bytes. <see langword="false"/> when nothing could go.</summary>
    public bool TryReclaim(long wanted)
    {
        Segment? victim = Emptiest(static s => true) ?? SealActive();
        if (victim is null)
        {
            return false;
        }

        long before = volume.Space.Used;
        long mayMove = victim.LiveBytes / 2;
        foreach (SegmentEntry entry in victim.Records.Snapshot())
        {
            var place = new RecordPlace(victim.Slot, entry.Step);
            if (!index.TryGet(entry.Id, place, out _, out IndexedRecord record) || store.Pins.IsPinned(place))
            {
                continue;
            }

            int size = RecordHeader.SizeOf(record.Length);
            bool keep = (record.Pinned || (index.State(entry.Id) != 0 && mayMove >= size)) && volume.Space.Free > wanted + size;
            mayMove -= keep ? size : 0;
            if (!keep || !_mover.TryMove(entry.Id, place))
            {
                Drop(entry.Id, place);
            }
        }

        return volume.Space.Used < before;
    }

    /// <summary>Moves what is left in one segment out of many that are half empty.</summary>
    public void Tidy()
    {
        long needed = (volume.Space.Used / volume.SegmentBytes) + 1;
        Segment[] segments = volume.Segments;
        if (segments.Length < (2 * needed) + 8
            || Emptiest(s => s.LiveBytes < volume.SegmentBytes / 2) is not { } segment
            || volume.Space.Free < segment.LiveBytes + volume.SegmentBytes)
        {
            return;
        }

        foreach (SegmentEntry entry in segment.Records.Snapshot())
        {
            _mover.TryMove(entry.Id, new RecordPlace(segment.Slot, entry.Step));
        }
    }

    private Segment? Emptiest(Func<Segment, bool> fits)
    {
        Segment? best = null;
        foreach (Segment segment in volume.Segments)
        {
            if (segment.IsSealed && segment.LiveBytes > 0 && fits(segment) && (best is null || segment.LiveBytes < best.LiveBytes))
            {
                best = segment;
            }
        }

        return best;
    }

    private Segment? SealActive()
    {
        volume.Seal();
        return Emptiest(static s => true);
    }

    private void Drop(RecordId id, RecordPlace place)
    {
        if (index.TryRemove(id, place, out DroppedRecord dropped))
        {
            space.GiveBack(dropped.Record);
            Interlocked.Add(ref store.Counters.Evicted, dropped.LastOfPage ? 1 : 0);
        }
    }
}
