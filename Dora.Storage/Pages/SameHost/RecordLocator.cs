using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages.SameHost;

/// <summary>Says where cached bytes lie, for processes on this host that read them by themselves.</summary>
internal sealed class RecordLocator(StoreContext store, PageReader reader)
{
    private const int Block = PageGeometry.ExtentGrid;

    /// <summary>Where the bytes of a page from an offset on lie; see <see cref="IPageLocations.TryLocate"/>.</summary>
    public bool TryLocate(in PageKey page, int offset, int length, LocateMode mode, out PageLocation location)
    {
        location = default;
        if (length <= 0 || !reader.TryFind(page, offset, mode, out RecordId id, out IndexedRecord record))
        {
            return false;
        }

        try
        {
            int from = offset - record.Offset;
            int count = Math.Min(length, record.Length - from);
            if (!reader.TryUse(page, id, record, from, count, mode))
            {
                return false;
            }

            return TryDescribe(page, record, from, count, mode, out location);
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e) || e is ObjectDisposedException)
        {
            // The header cannot be read, or the store closes: the bytes are served otherwise, or found to be gone there.
            return false;
        }
        finally
        {
            reader.Release(record.Place, mode);
        }
    }

    /// <summary>The part and the checked blocks around it.</summary>
    private bool TryDescribe(in PageKey page, in IndexedRecord record, int from, int count, LocateMode mode, out PageLocation location)
    {
        Segment segment = store.Segments[record.Place.Slot]!;
        location = default;
        if (mode != LocateMode.Wait && segment.Epochs.IsOnDiskOnly)
        {
            return false;
        }

        int first = from / Block;
        int last = (from + count - 1) / Block;
        while (first > 0 && (record.Verified & (1 << (first - 1))) != 0)
        {
            first--;
        }

        while ((last + 1) * Block < record.Length && (record.Verified & (1 << (last + 1))) != 0)
        {
            last++;
        }

        int start = first * Block;
        int end = Math.Min((last + 1) * Block, record.Length);
        ulong epoch = segment.Epochs.Tell(record.Place.Position, out int epochPosition);
        location = new PageLocation(
            segment.Key,
            epoch,
            record.Place.Position + RecordHeader.PayloadOffsetOf(record.Length) + start,
            epochPosition,
            end - start,
            ((long)page.Index * StorePage.Size) + record.Offset + start);
        return true;
    }
}
