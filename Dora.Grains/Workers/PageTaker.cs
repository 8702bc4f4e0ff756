using Dora.Diagnostics;
using Dora.Grains.Files;
using Dora.Interfaces;
using Dora.Storage.Files;
using Microsoft.Extensions.Hosting;

namespace Dora.Grains.Workers;

/// <summary>
/// Takes over what other workers bring: metadata that they listed, and metadata and pages that one which stops offers. A worker that stops itself takes nothing: in a cluster that stops as a whole every
/// page would end up twice.
/// </summary>
/// <param name="catalog">Where metadata is remembered.</param>
/// <param name="import">Copies pages.</param>
/// <param name="turns">Taken while a file's pages are copied.</param>
/// <param name="life">Tells that this worker has been asked to stop.</param>
/// <param name="metadata">Copies metadata; <see langword="null"/>: none is taken over.</param>
internal sealed class PageTaker(IFileCatalog catalog, PageImport import, FileTurns turns, IHostApplicationLifetime life, IMetadataTaker? metadata = null)
{
    private const int Concurrent = 4;

    /// <summary>Takes over what is offered.</summary>
    /// <returns>Bytes copied, or <see cref="PageOffer.Refused"/>.</returns>
    public Task<long> TakeAsync(PageOffer[] offers, CancellationToken cancellationToken) => UnlessStoppingAsync(token => TakeAllAsync(offers, token), cancellationToken);

    /// <summary>Takes over what a worker that stops knows of the files that will be this worker's.</summary>
    /// <returns>Files whose metadata came, or <see cref="PageOffer.Refused"/>.</returns>
    public Task<long> TakeMetadataAsync(WorkerId worker, CancellationToken cancellationToken) =>
        UnlessStoppingAsync(token => metadata?.TakeFromAsync(worker, token).AsTask() ?? Task.FromResult(0L), cancellationToken);

    /// <summary>Remembers what was listed.</summary>
    public ValueTask RememberAsync(FileStat[] listed, CancellationToken cancellationToken) =>
        catalog.RememberAsync([.. listed.DistinctBy(static f => f.UfsPath).Select(FileStats.ToMetadata)], cancellationToken);

    /// <summary>Also ends what is under way when the stop comes.</summary>
    private async Task<long> UnlessStoppingAsync(Func<CancellationToken, Task<long>> take, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(life.ApplicationStopping, cancellationToken);
        try
        {
            long taken = life.ApplicationStopping.IsCancellationRequested ? PageOffer.Refused : await take(end.Token).ConfigureAwait(false);
            return life.ApplicationStopping.IsCancellationRequested ? PageOffer.Refused : taken;
        }
        catch (OperationCanceledException) when (life.ApplicationStopping.IsCancellationRequested)
        {
            return PageOffer.Refused;
        }
    }

    private async Task<long> TakeAllAsync(PageOffer[] offers, CancellationToken cancellationToken)
    {
        long bytes = 0;
        var options = new ParallelOptions { MaxDegreeOfParallelism = Concurrent, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(
            offers, options, async (offer, token) => Interlocked.Add(ref bytes, await TakeAsync(offer, token).ConfigureAwait(false))).ConfigureAwait(false);
        return bytes;
    }

    private async ValueTask<long> TakeAsync(PageOffer offer, CancellationToken cancellationToken)
    {
        FileMetadata file = FileStats.ToMetadata(offer.File);
        await catalog.RememberAsync([file], cancellationToken).ConfigureAwait(false);
        using FileTurn turn = await turns.TakeAsync(file.Id, cancellationToken).ConfigureAwait(false);
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

        DoraInstruments.RingMoves.Add(bytes > 0 ? 1 : 0, DoraInstruments.Label(DoraLabels.Cache, DoraLabels.Pages));
        return bytes;
    }
}
