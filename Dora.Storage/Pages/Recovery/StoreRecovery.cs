using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages.Recovery;

/// <summary>
/// Finds, while the store serves, what the checkpoint does not know: reads the heads behind the point where the checkpoint ends, or all of them without one.
/// Payload is checked when it is first read. A head that is not right is stepped over: the next record is looked for every 4 KiB, holes are skipped.
/// </summary>
internal sealed class StoreRecovery(StoreContext store, IPageIndex index, RecordSpace space, VolumeSet volumes)
{
    private long _found;

    /// <summary>Records that scans found.</summary>
    public long Found => Interlocked.Read(ref _found);

    /// <summary>Scans all segments, directories side by side, loads the checkpoint, and lets go of the segments.</summary>
    public void Run(StoreOpening opening, CancellationToken cancellationToken)
    {
        Parallel.ForEach(
            opening.ToScan.GroupBy(static s => s.Segment.Volume),
            new ParallelOptions { CancellationToken = cancellationToken },
            volume => Scan(volume.Key, volume.OrderBy(static s => s.Segment.Sequence), cancellationToken));
        index.LoadAll(cancellationToken);
        if (opening.Image is { BadShards: > 0 } image)
        {
            store.Logger.BadShards(image.BadShards);
            foreach (SegmentToScan scan in opening.ToScan)
            {
                Scan(scan.Segment.Volume, [scan with { From = SegmentHeader.Reserved }], cancellationToken);
            }
        }

        opening.GoneSlots.ForEach(store.Segments.Free);
        foreach (SegmentToScan scan in opening.ToScan)
        {
            scan.Segment.Records.Trim();
            scan.Segment.Volume.Unhold(scan.Segment);
        }
    }

    private void Scan(PageVolume volume, IEnumerable<SegmentToScan> segments, CancellationToken cancellationToken)
    {
        var dropped = new List<DroppedRecord>();
        foreach (SegmentToScan scan in segments)
        {
            try
            {
                Scan(scan.Segment, scan.From, dropped, cancellationToken);
            }
            catch (Exception e) when (DiskErrors.IsFromDisk(e))
            {
                volume.Failures.Add(e);
                volumes.Failed(volume, e);
            }
        }
    }

    private void Scan(Segment segment, long from, List<DroppedRecord> dropped, CancellationToken cancellationToken)
    {
        Span<byte> head = stackalloc byte[RecordHeader.Size];
        Span<uint> crcs = stackalloc uint[StorePage.Blocks];
        bool damaged = false;
        long position = from;
        while (position < segment.Length && segment.Volume.Health.IsGood && NextData(segment, position) is { } data)
        {
            cancellationToken.ThrowIfCancellationRequested();
            position = Math.Max(position, data / RecordPlace.StepSize * RecordPlace.StepSize);
            int read = ReadHead(segment, head, position);
            if (RecordHeader.TryRead(head[..Math.Max(read, 0)], position, segment.Salt, out RecordHeader header, crcs)
                && position + header.RecordSize <= segment.Length)
            {
                Add(segment, header, dropped);
                position += header.RecordSize;
                damaged = false;
                continue;
            }

            // One line and one count for a run of what is not right; zeros are room that was given back or never used.
            if (!damaged && (read < 0 || head[..read].ContainsAnyExcept((byte)0)))
            {
                damaged = true;
                Interlocked.Increment(ref store.Counters.Damaged);
                store.Logger.SteppedOver(segment.Path, position);
            }

            position += RecordPlace.StepSize;
        }
    }

    private long? NextData(Segment segment, long position) => store.Device.NextData(segment.File, position);

    /// <summary>A head on an unreadable sector is a damaged one, unless the whole disk is broken.</summary>
    private int ReadHead(Segment segment, Span<byte> head, long position)
    {
        try
        {
            return store.Device.Read(segment.File, head, position);
        }
        catch (IOException e) when (!DiskErrors.IsBroken(e))
        {
            return -1;
        }
    }

    private void Add(Segment segment, in RecordHeader header, List<DroppedRecord> dropped)
    {
        var record = new IndexedRecord(
            RecordPlace.At(segment.Slot, header.Position), header.Offset, header.Length, header.Mount, header.Pinned, header.StoredAt, 0);
        byte state = segment.Volume.Policy.OnInsert(header.Page, header.RecordSize, loaded: false);
        IndexAddOutcome outcome = index.Add(header.Page, record, state, segment.Sequence, recovered: true, dropped);
        space.GiveBack(dropped);
        if (outcome == IndexAddOutcome.Added)
        {
            Interlocked.Increment(ref _found);
        }
        else if (!IsIndexed(header.Page, record))
        {
            segment.Volume.FreeUnknown(segment, record.Place, header.RecordSize);
        }
    }

    /// <summary>Whether a record that could not be added is there already itself, rather than outdated or covered by others.</summary>
    private bool IsIndexed(in PageKey page, in IndexedRecord record)
    {
        for (int position = record.Offset; index.TryFind(page, position, out _, out IndexedRecord there); position = there.End)
        {
            store.Pins.Unpin(there.Place);
            if (there.Place == record.Place)
            {
                return true;
            }

            if (there.End >= record.End)
            {
                break;
            }
        }

        return false;
    }
}
