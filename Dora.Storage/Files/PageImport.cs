using System.Buffers;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Files;

/// <summary>Copies cached bytes from other workers into this worker's page store, and tells what is there to be copied. Never asks an under store.</summary>
/// <param name="pages">This worker's pages.</param>
/// <param name="peers">The other workers.</param>
/// <param name="cluster">Its mount table says which page size a file has.</param>
public sealed class PageImport(IPageStore pages, IPagePeers peers, IClusterState cluster)
{
    private const int Step = 1024 * 1024;

    // A file of terabytes of which little is cached is not looked through to its end.
    private const long MaxLookedThrough = 4L * 1024 * 1024 * 1024;

    /// <summary>The parts of a file that are cached here, on the grid, ascending; of a very long file those near its start.</summary>
    /// <param name="file">The file.</param>
    /// <param name="maxBytes">Where to stop.</param>
    public IEnumerable<ByteRange> CachedRanges(FileMetadata file, long maxBytes)
    {
        if (TryOpen(file) is not { } paged)
        {
            yield break;
        }

        for (long position = 0, found = 0; position < Math.Min(file.Length, MaxLookedThrough) && found < maxBytes;)
        {
            long cached = paged.Probe(position, Math.Min(file.Length - position, maxBytes - found));
            if (cached > 0)
            {
                yield return new ByteRange(position, cached);
                found += cached;
            }

            // On to the next block of the grid that may be there.
            position = (((position + cached) / PageGeometry.ExtentGrid) + 1) * PageGeometry.ExtentGrid;
        }
    }

    /// <summary>Copies a range, but for what is here already; ends early when the others have no more or the page store takes no more.</summary>
    /// <returns>Bytes copied.</returns>
    public async ValueTask<long> CopyAsync(FileMetadata file, ByteRange range, CancellationToken cancellationToken)
    {
        if (TryOpen(file) is not { } paged)
        {
            return 0;
        }

        ByteRange wanted = range.AlignTo(PageGeometry.ExtentGrid).Within(file.Length);
        PagePlacement placement = PagedFile.PlacementOf(file, cluster.Current.Mounts);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Step);
        long copied = 0;
        try
        {
            for (long position = wanted.Offset; position < wanted.End && !cancellationToken.IsCancellationRequested;)
            {
                var part = new ByteRange(position, Math.Min(Step, wanted.End - position));
                position = part.End;
                if (paged.Probe(part.Offset, part.Length) == part.Length)
                {
                    continue;
                }

                int given = await peers.ReadAsync(file, part, buffer.AsMemory(0, (int)part.Length), cancellationToken).ConfigureAwait(false);
                PutOutcome outcome = given == 0
                    ? PutOutcome.Failed
                    : paged.Put(part.Offset, buffer.AsSpan(0, given), placement);
                if (outcome is PutOutcome.Full or PutOutcome.Failed)
                {
                    break;
                }

                copied += given;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return copied;
    }

    private PagedFile? TryOpen(FileMetadata file) => file.Kind == FileKind.File && cluster.Current.Mounts.MountOfUfs(file.UfsPath) is { } mount
        ? new PagedFile(pages, file, mount.Geometry)
        : null;
}
