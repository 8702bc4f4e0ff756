using System.Buffers;
using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages.Records;

/// <summary>Copies a live record to the end of its volume, checked on the way, so that its segment can go.</summary>
internal sealed class RecordMover(StoreContext store, IPageIndex index, RecordSpace space, PageVolume volume)
{
    /// <summary>Moves a record. <see langword="false"/> when there is no room, it is damaged, or it left meanwhile.</summary>
    public bool TryMove(RecordId id, RecordPlace from)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(RecordHeader.SizeOf(StorePage.Size));
        store.Pins.Pin(from);
        bool moved = false;
        IndexedRecord record = default;
        try
        {
            moved = index.TryGet(id, from, out PageKey page, out record) && TryRead(page, record, buffer, out RecordHeader header, out uint[] crcs)
                && TryWrite(id, record, header, crcs, buffer);
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e))
        {
            volume.Failures.Add(e);
        }
        finally
        {
            store.Pins.Unpin(from);
            ArrayPool<byte>.Shared.Return(buffer);
        }

        if (moved)
        {
            space.GiveBackMoved(record);
        }

        return moved;
    }

    private bool TryRead(in PageKey page, in IndexedRecord record, byte[] buffer, out RecordHeader header, out uint[] crcs)
    {
        Segment segment = store.Segments[record.Place.Slot]!;
        crcs = new uint[StorePage.Blocks];
        int size = RecordHeader.PayloadOffsetOf(record.Length) + record.Length;
        int read = store.Device.Read(segment.File, buffer.AsSpan(0, size), record.Place.Position);
        if (read != size || !RecordHeader.TryRead(buffer, record.Place.Position, segment.Salt, out header, crcs)
            || header.Page != page || header.Offset != record.Offset || header.Length != record.Length)
        {
            header = default;
            return false;
        }

        ReadOnlySpan<byte> payload = buffer.AsSpan(header.PayloadOffset, header.Length);
        for (int block = 0; block < header.Blocks; block++)
        {
            int start = block * PageGeometry.ExtentGrid;
            if (Crc32C.Compute(payload.Slice(start, Math.Min(PageGeometry.ExtentGrid, payload.Length - start))) != crcs[block])
            {
                return false;
            }
        }

        crcs = crcs[..header.Blocks];
        return true;
    }

    private bool TryWrite(RecordId id, in IndexedRecord record, RecordHeader header, uint[] crcs, byte[] buffer)
    {
        if (!volume.TryReserve(header.RecordSize, out Reservation room))
        {
            return false;
        }

        bool moved = false;
        try
        {
            header = header with { Position = room.Position, Pinned = record.Pinned, Mount = record.Mount };
            header.Write(buffer, crcs, room.Segment.Salt);
            store.Device.Write(room.Segment.File, buffer.AsSpan(0, header.PayloadOffset + header.Length), room.Position);
            moved = index.TryMove(id, record.Place, room.Place, room.Segment.Sequence);
            Interlocked.Add(ref store.Counters.Moved, moved ? header.Length : 0);
            return moved;
        }
        finally
        {
            if (!moved)
            {
                volume.Discard(room);
            }

            volume.EndWrite(room);
        }
    }
}
