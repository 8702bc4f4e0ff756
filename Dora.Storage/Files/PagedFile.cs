using Dora.Storage.Pages;

namespace Dora.Storage.Files;

/// <summary>One version of a file as pages in the page store, addressed by file offsets.</summary>
internal readonly struct PagedFile(IPageStore pages, FileMetadata file, PageGeometry geometry)
{
    public FileMetadata File { get; } = file;

    public PageGeometry Geometry { get; } = geometry;

    /// <summary>Copies what is cached from an offset on, up to the first gap.</summary>
    public async ValueTask<int> ReadAsync(long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        int total = 0;
        while (total < destination.Length)
        {
            (PageKey page, int inPage, int count) = Locate(offset + total, destination.Length - total);
            int read = await pages.ReadAsync(page, inPage, destination.Slice(total, count), cancellationToken).ConfigureAwait(false);
            total += read;
            if (read < count)
            {
                break;
            }
        }

        return total;
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
    public async ValueTask<PutOutcome> PutAsync(long offset, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        PutOutcome worst = PutOutcome.Stored;
        for (int done = 0; done < data.Length;)
        {
            (PageKey page, int inPage, int count) = Locate(offset + done, data.Length - done);
            PutOutcome outcome = await pages.PutAsync(page, inPage, data.Slice(done, count), cancellationToken).ConfigureAwait(false);
            worst = outcome is PutOutcome.Full or PutOutcome.Failed ? outcome : worst;
            done += count;
        }

        return worst;
    }

    private (PageKey Page, int InPage, int Count) Locate(long offset, long length)
    {
        uint index = Geometry.PageIndex(offset);
        int inPage = (int)(offset - ((long)index * Geometry.PageSize));
        return (new PageKey(File.Id, File.Version, index), inPage, (int)Math.Min(length, Geometry.PageSize - inPage));
    }
}
