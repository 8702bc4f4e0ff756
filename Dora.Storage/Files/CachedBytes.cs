using Dora.Storage.Pages;

namespace Dora.Storage.Files;

/// <summary>How much of a file a worker has cached. Reads nothing and keeps nothing alive.</summary>
public static class CachedBytes
{
    /// <summary>Counts the cached bytes of one version of a file, gaps left out.</summary>
    /// <param name="pages">The worker's page store.</param>
    /// <param name="file">The file: id, version, length.</param>
    public static long Of(IPageReads pages, FileMetadata file)
    {
        long total = 0;
        for (long position = 0; position < file.Length;)
        {
            int inPage = (int)(position % StorePage.Size);
            int wanted = (int)Math.Min(StorePage.Size - inPage, file.Length - position);
            int there = pages.Probe(new PageKey(file.Id, file.Version, StorePage.IndexOf(position)), inPage, wanted);
            total += there;
            position += there;
            if (there < wanted)
            {
                // Not cached up to the end of the block at least.
                position = ((position / PageGeometry.ExtentGrid) + 1) * PageGeometry.ExtentGrid;
            }
        }

        return total;
    }
}
