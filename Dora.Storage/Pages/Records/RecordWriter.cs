using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages.Records;

/// <summary>
/// Puts records. Checksums first; then room is promised at the end of a segment; head and payload go to the disk in one call outside any lock, so that
/// writers run side by side; then the record goes into the index. Only then can it be read.
/// </summary>
internal sealed class RecordWriter(StoreContext store, IPageIndex index, RecordSpace space, VolumeSet volumes)
{
    /// <summary>How often a writer makes room and finds it taken by others before it gives up.</summary>
    private const int Attempts = 16;

    /// <summary>Steps over records of others when a mount is at its quota.</summary>
    private const int QuotaSteps = 100_000;

    public PutOutcome Put(in PageKey page, int offset, ReadOnlySpan<byte> data, PagePlacement placement)
    {
        if (index.Covered(page, offset, data.Length) == data.Length)
        {
            return PutOutcome.AlreadyStored;
        }

        int size = RecordHeader.SizeOf(data.Length);
        if (!TryBookQuota(placement.Mount, size))
        {
            return PutOutcome.Full;
        }

        try
        {
            return PutSomewhere(page, offset, data, placement);
        }
        finally
        {
            // The index has booked the record by now.
            store.Mounts.Book(placement.Mount, -size);
        }
    }

    private PutOutcome PutSomewhere(in PageKey page, int offset, ReadOnlySpan<byte> data, PagePlacement placement)
    {
        bool pinned = placement.Pinned && store.Mounts.PinnedBytes + data.Length <= store.Mounts.PinnedLimit;
        Span<uint> crcs = stackalloc uint[StorePage.Blocks];
        var header = new RecordHeader(RecordKind.Extent, page, offset, data.Length, 0, placement.Mount, pinned, store.Now());
        crcs = crcs[..header.Blocks];
        for (int block = 0; block < crcs.Length; block++)
        {
            int start = block * PageGeometry.ExtentGrid;
            crcs[block] = Crc32C.Compute(data.Slice(start, Math.Min(PageGeometry.ExtentGrid, data.Length - start)));
        }

        PutOutcome outcome = PutOutcome.Full;
        int first = volumes.Choose(page);
        for (int i = 0; i < volumes.All.Count && outcome is PutOutcome.Full or PutOutcome.Failed; i++)
        {
            VolumeEvictor evictor = volumes.All[(first + i) % volumes.All.Count];
            outcome = !evictor.Volume.Health.IsGood || evictor.Volume.Failures.IsPaused()
                ? PutOutcome.Failed
                : Put(evictor, header, data, crcs, placement.Loaded);
        }

        return outcome;
    }

    private PutOutcome Put(VolumeEvictor evictor, RecordHeader header, ReadOnlySpan<byte> data, ReadOnlySpan<uint> crcs, bool loaded)
    {
        PageVolume volume = evictor.Volume;
        PutOutcome outcome = PutOnce(evictor, header, data, crcs, loaded, out Exception? error);
        if (error is not null && DiskErrors.IsFull(error))
        {
            // Somebody else filled the disk: live with less, and once more.
            volume.Space.Shrink(PageStoreOptions.MinCapacityBytes);
            store.Logger.Shrunk(volume.Directory.Path, volume.Space.Cap, volume.Space.Capacity);
            outcome = PutOnce(evictor, header, data, crcs, loaded, out error);
        }

        if (error is not null)
        {
            volume.Failures.Add(error);
            volumes.Failed(volume, error);
        }

        return outcome;
    }

    private PutOutcome PutOnce(
        VolumeEvictor evictor, RecordHeader header, ReadOnlySpan<byte> data, ReadOnlySpan<uint> crcs, bool loaded, out Exception? error)
    {
        PageVolume volume = evictor.Volume;
        if (Reserve(evictor, header.RecordSize, out Reservation room, out error) is { } refusal)
        {
            return refusal;
        }

        error = TryWrite(room, header with { Position = room.Position }, data, crcs);
        PutOutcome outcome = error is null ? Publish(evictor, room, header, loaded) : PutOutcome.Failed;
        if (outcome != PutOutcome.Stored)
        {
            volume.Discard(room);
        }

        volume.EndWrite(room);
        return outcome;
    }

    private static PutOutcome? Reserve(VolumeEvictor evictor, int size, out Reservation room, out Exception? error)
    {
        PageVolume volume = evictor.Volume;
        (room, error) = (default, null);
        long most = volume.MostFor(size);
        if (most > volume.Space.Cap)
        {
            return PutOutcome.Full;
        }

        try
        {
            for (int i = 0; i < Attempts; i++)
            {
                if (volume.TryReserve(size, out room))
                {
                    return null;
                }

                if (!evictor.MakeRoom(most))
                {
                    break;
                }
            }

            return PutOutcome.Full;
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e))
        {
            error = e;
            return PutOutcome.Failed;
        }
    }

    private Exception? TryWrite(in Reservation room, in RecordHeader header, ReadOnlySpan<byte> data, ReadOnlySpan<uint> crcs)
    {
        Span<byte> head = stackalloc byte[RecordPlace.StepSize];
        head = head[..header.PayloadOffset];
        head.Clear();
        header.Write(head, crcs, room.Segment.Salt);
        try
        {
            store.Device.Write(room.Segment.File, head, data, room.Position);
            return null;
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e))
        {
            return e;
        }
    }

    private PutOutcome Publish(VolumeEvictor evictor, in Reservation room, in RecordHeader header, bool loaded)
    {
        var dropped = new List<DroppedRecord>();
        var record = new IndexedRecord(room.Place, header.Offset, header.Length, header.Mount, header.Pinned, header.StoredAt, 0);
        byte state = evictor.Volume.Policy.OnInsert(header.Page, header.RecordSize, loaded);
        IndexAddOutcome added = index.Add(header.Page, record, state, room.Segment.Sequence, recovered: false, dropped);
        space.GiveBack(dropped);
        if (added == IndexAddOutcome.Added && !evictor.Volume.Health.IsGood)
        {
            // The directory broke meanwhile and its records may have been taken out already.
            volumes.Sweep(evictor.Volume);
            return PutOutcome.Failed;
        }

        return added switch
        {
            IndexAddOutcome.Added => PutOutcome.Stored,
            IndexAddOutcome.AlreadyThere => PutOutcome.AlreadyStored,
            _ => PutOutcome.Full,
        };
    }

    private bool TryBookQuota(ushort mount, int size)
    {
        for (int i = 0; i < Attempts; i++)
        {
            if (store.Mounts.TryBook(mount, size))
            {
                return true;
            }

            if (size > store.Mounts.QuotaOf(mount) || !volumes.All.Any(e => e.ShrinkMount(mount, size, QuotaSteps)))
            {
                return false;
            }
        }

        return false;
    }
}
