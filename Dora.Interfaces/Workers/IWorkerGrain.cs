namespace Dora.Interfaces;

/// <summary>One worker's own affairs. The key is the worker id; the grain lives on that worker and nowhere else.</summary>
[Alias("Dora.IWorkerGrain")]
public interface IWorkerGrain : IGrainWithStringKey
{
    /// <summary>What the worker holds and how it fares.</summary>
    [Alias("GetStatus")]
    Task<WorkerStatus> GetStatusAsync();

    /// <summary>Reads the mount table from the cluster store until its version is at least <paramref name="version"/>.</summary>
    [Alias("RefreshMounts")]
    Task RefreshMountsAsync(long version, CancellationToken cancellationToken);

    /// <summary>Drops what this worker, owner or not, has cached at and below a Dora path.</summary>
    /// <param name="path">A file or directory.</param>
    /// <param name="forgetMetadata">Also forget metadata, so that the next open asks the store.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [Alias("Free")]
    [ResponseTimeout("00:01:00")]
    Task<FreeReply> FreeAsync(string path, bool forgetMetadata, CancellationToken cancellationToken);

    /// <summary>
    /// Takes over cached bytes from a worker that stops: reads them from their owner over the page channel, never from the store, and keeps them.
    /// </summary>
    /// <param name="offers">What is offered, hottest first; at most some tens of MiB a call.</param>
    /// <param name="cancellationToken">Cancels the call; what was taken stays.</param>
    /// <returns>Bytes taken; what was here already does not count. <see cref="PageOffer.Refused"/>: this worker stops too, offer them to another.</returns>
    [Alias("TakeOver")]
    [ResponseTimeout("00:05:00")]
    Task<long> TakeOverAsync(PageOffer[] offers, CancellationToken cancellationToken);

    /// <summary>
    /// Takes over from a worker that stops what it knows of the files that will be this worker's without it: asks it over the page channel, batch by batch.
    /// </summary>
    /// <param name="workerId">The worker that stops.</param>
    /// <param name="cancellationToken">Cancels the call; what was taken stays.</param>
    /// <returns>Files whose metadata came. <see cref="PageOffer.Refused"/>: this worker stops too.</returns>
    [Alias("TakeOverMetadata")]
    [ResponseTimeout("00:05:00")]
    Task<long> TakeOverMetadataAsync(string workerId, CancellationToken cancellationToken);

    /// <summary>Remembers metadata of files that this worker owns and another one listed, in few and large writes, so that loading them asks the store nothing about each. For jobs of the version before: those of this one send batches (<see cref="IWorkerBatchGrain"/>).</summary>
    /// <param name="listed">The files, at most some hundreds a call.</param>
    /// <param name="cancellationToken">Cancels the call; what was remembered stays.</param>
    [Alias("Remember")]
    Task RememberAsync(FileStat[] listed, CancellationToken cancellationToken);
}
