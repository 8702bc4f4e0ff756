using Dora.Grains.Files;
using Dora.Interfaces;
using Dora.Storage.Files;

namespace Dora.Grains.Workers;

/// <summary>Takes over what other workers bring: metadata that they listed, and metadata and pages that one which stops offers.</summary>
/// <param name="catalog">Where metadata is remembered.</param>
/// <param name="import">Copies pages.</param>
/// <param name="metadata">Copies metadata; <see langword="null"/>: none is taken over.</param>
internal sealed class PageTaker(IFileCatalog catalog, PageImport import, IMetadataTaker? metadata = null)
{
    private const int Concurrent = 4;

    /// <summary>Takes over what is offered.</summary>
    /// <returns>Bytes copied.</returns>
    public async Task<long> TakeAsync(PageOffer[] offers, CancellationToken cancellationToken)
    {
        long bytes = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrent, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            offers, options, async (offer, token) => Interlocked.Add(ref bytes, await TakeAsync(offer, token).ConfigureAwait(false))).ConfigureAwait(false);
        return bytes;
    }

    /// <summary>Takes over what a worker that stops knows of the files that will be this worker's.</summary>
    /// <returns>Files whose metadata came.</returns>
    public ValueTask<long> TakeMetadataAsync(WorkerId worker, CancellationToken cancellationToken) => metadata?.TakeFromAsync(worker, cancellationToken) ?? new(0);

    /// <summary>Remembers what was listed.</summary>
    public ValueTask RememberAsync(FileStat[] listed, CancellationToken cancellationToken) =>
        catalog.RememberAsync([.. listed.DistinctBy(static f => f.UfsPath).Select(FileStats.ToMetadata)], cancellationToken);

    private async ValueTask<long> TakeAsync(PageOffer offer, CancellationToken cancellationToken)
    {
        FileMetadata file = FileStats.ToMetadata(offer.File);
        await catalog.RememberAsync([file], cancellationToken).ConfigureAwait(false);
        if (catalog.TryGetKnown(file.Id, file.UfsPath)?.Version != file.Version)
        {
            // What is known here is newer, or the file was forgotten since: the offered pages are of an old version.
            return 0;
        }

        long bytes = 0;
        for (int i = 0; i + 1 < offer.Ranges.Length; i += 2)
        {
            bytes += await import.CopyAsync(file, new ByteRange(offer.Ranges[i], offer.Ranges[i + 1]), cancellationToken).ConfigureAwait(false);
        }

        return bytes;
    }
}
