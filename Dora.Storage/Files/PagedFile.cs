using Dora.Core.Linux;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Files;

/// <summary>One version of a file as pages in the page store, addressed by file offsets.</summary>
internal readonly struct PagedFile(IPageStore pages, FileMetadata file, FetchGeometry geometry)
{
    public FileMetadata File { get; } = file;

    public FetchGeometry Geometry { get; } = geometry;

    /// <summary>How pages of a file are kept, by its mount and the pins.</summary>
    public static PagePlacement PlacementOf(FileMetadata file, MountTable mounts) =>
        new(mounts.MountOfUfs(file.UfsPath)?.Id ?? 0, mounts.PinOfUfs(file.UfsPath) is not null);

    /// <summary>Copies what is cached from an offset on, up to the first gap.</summary>
    public int Read(long offset, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            (PageKey page, int inPage, int count) = Locate(offset + total, destination.Length - total);
            int read = pages.Read(page, inPage, destination.Slice(total, count));
            total += read;
            if (read < count)
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Copies bytes when all of them are cached and checked, and the system has them in memory.</summary>
    public bool TryReadWarm(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            (PageKey page, int inPage, int count) = Locate(offset, destination.Length);
            if (!pages.TryLease(page, inPage, count, LocateMode.Warm, out PageLease lease))
            {
                return false;
            }

            using (lease)
            {
                if (!WarmFile.TryRead(lease.File, lease.FileOffset, destination[..count]))
                {
                    return false;
                }
            }

            offset += count;
            destination = destination[count..];
        }

        return true;
    }

    /// <summary>Lends bytes when all of them are cached in one piece and checked, and the system has them in memory.</summary>
    public bool TryLendWarm(long offset, int length, out LentBytes lent)
    {
        lent = default;
        (PageKey page, int inPage, int count) = Locate(offset, length);
        if (count < length || !pages.TryLease(page, inPage, count, LocateMode.Warm, out PageLease lease))
        {
            return false;
        }

        if (lease.TryLend(out lent))
        {
            return true;
        }

        lease.Dispose();
        return false;
    }

    /// <summary>Says where bytes lie, from an offset on, up to the first that are not cached, or not checked where that would have to wait.</summary>
    /// <returns>How many pieces there are; the last one's end is how far it goes.</returns>
    public int Locate(long offset, long end, LocateMode mode, Span<PageLocation> locations)
    {
        int found = 0;
        while (offset < end && found < locations.Length)
        {
            (PageKey page, int inPage, int count) = Locate(offset, end - offset);
            if (!pages.TryLocate(page, inPage, count, mode, out PageLocation location))
            {
                break;
            }

            locations[found++] = location;
            offset = location.End;
        }

        return found;
    }

    /// <summary>Copies what is cached of a range and returns the rest: whole blocks of the grid, but for the ends of the range.</summary>
    public List<ByteRange> CopyCached(ByteRange range, Span<byte> destination)
    {
        var gaps = new List<ByteRange>();
        for (long position = range.Offset; position < range.End;)
        {
            int there = (int)Probe(position, range.End - position);
            int read = there == 0
                ? 0
                : Read(position, destination.Slice((int)(position - range.Offset), there));
            position += read;
            if (read == there && position < range.End)
            {
                // Not cached up to the end of the block at least; longer gaps join.
                long end = Math.Min(range.End, ((position / PageGeometry.ExtentGrid) + 1) * PageGeometry.ExtentGrid);
                bool joins = gaps.Count > 0 && gaps[^1].End == position;
                long start = joins ? gaps[^1].Offset : position;
                if (joins)
                {
                    gaps.RemoveAt(gaps.Count - 1);
                }

                gaps.Add(new ByteRange(start, end - start));
                position = end;
            }
        }

        return gaps;
    }

    /// <summary>How many bytes from an offset on are cached, up to the first gap or a limit.</summary>
    public long Probe(long offset, long length)
    {
        long total = 0;
        while (total < length)
        {
            (PageKey page, int inPage, int count) = Locate(offset + total, length - total);
            int there = pages.Probe(page, inPage, count);
            total += there;
            if (there < count)
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Stores bytes that start on the grid; returns the worst outcome of the pages.</summary>
    public PutOutcome Put(long offset, ReadOnlySpan<byte> data, PagePlacement placement)
    {
        PutOutcome worst = PutOutcome.Stored;
        for (int done = 0; done < data.Length;)
        {
            // Records of the mount's fetch size at most: what is fetched together is evicted together, and fits in a small store.
            (PageKey page, int inPage, int count) = Locate(offset + done, Math.Min(data.Length - done, Geometry.Size));
            PutOutcome outcome = pages.Put(page, inPage, data.Slice(done, count), placement);
            worst = outcome is PutOutcome.Full or PutOutcome.Failed ? outcome : worst;
            done += count;
        }

        return worst;
    }

    /// <summary>The store's pages are its own: the mount's fetch size says how much a miss fetches, not where bytes are kept.</summary>
    private (PageKey Page, int InPage, int Count) Locate(long offset, long length)
    {
        int inPage = (int)(offset % StorePage.Size);
        return (new PageKey(File.Id, File.Version, StorePage.IndexOf(offset)), inPage, (int)Math.Min(length, StorePage.Size - inPage));
    }
}
