using Dora.Interfaces;
using Dora.Storage.Files;

namespace Dora.Silo.Peers;

/// <summary>What a worker that stops has to hand over: the files read lately first, then all others that have pages here.</summary>
/// <param name="cluster">The cluster as this worker sees it.</param>
/// <param name="catalog">This worker's metadata.</param>
/// <param name="import">Tells what is cached.</param>
/// <param name="reads">Which files were read lately.</param>
internal sealed class HandOverList(IClusterState cluster, IFileCatalog catalog, PageImport import, ForeignReads reads)
{
    private const long MaxBytesPerFile = 64L * 1024 * 1024;

    /// <summary>The cluster the list is made for.</summary>
    public ClusterSnapshot Cluster { get; } = cluster.Current;

    /// <summary>The offers, found as they are enumerated: a large cache need not be looked through before the first is made.</summary>
    /// <param name="cancellationToken">Ends the enumeration, also while it passes over files that have nothing here.</param>
    public IEnumerable<PageOffer> Offers(CancellationToken cancellationToken)
    {
        HashSet<FileId> done = [];
        foreach (FileId id in reads.Recent.Latest())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (catalog.TryGetKnown(id) is { } file && done.Add(id) && Offer(file) is { } offer)
            {
                yield return offer;
            }
        }

        foreach (string root in Cluster.Mounts.Mounts.Select(static m => m.Ufs.Value).Distinct(StringComparer.Ordinal))
        {
            foreach (FileMetadata file in catalog.EnumerateUnder(root))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!done.Contains(file.Id) && Offer(file) is { } offer)
                {
                    yield return offer;
                }
            }
        }
    }

    private PageOffer? Offer(FileMetadata file)
    {
        ByteRange[] ranges = [.. import.CachedRanges(file, MaxBytesPerFile)];
        if (ranges.Length == 0)
        {
            return null;
        }

        var stat = new FileStat(string.Empty, file.UfsPath, file.Kind, file.Length, file.LastModified, file.Version.Value, file.LoadedAt);
        return new PageOffer(stat, [.. ranges.SelectMany(static r => new[] { r.Offset, r.Length })]);
    }
}
