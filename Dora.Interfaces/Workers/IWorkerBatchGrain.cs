namespace Dora.Interfaces;

/// <summary>
/// Bulk work on one worker, many files a call and no activation for any of them. The key is the worker id; the grain lives on that worker and nowhere else. Each file is changed in its turn, as
/// through its <see cref="IFileGrain"/>.
/// </summary>
[Alias("Dora.IWorkerBatchGrain")]
public interface IWorkerBatchGrain : IGrainWithStringKey
{
    /// <summary>Makes whole files cached on this worker, the first of the batch first. Ends by itself after a while, and then says which files it did not begin, and which take so long that they hold up others.</summary>
    /// <param name="batch">The files, and how many of them at a time.</param>
    /// <param name="cancellationToken">Cancels the call; what was loaded stays.</param>
    [Alias("Load")]
    [ResponseTimeout("00:01:00")]
    Task<LoadBatchReply> LoadAsync(LoadBatch batch, CancellationToken cancellationToken);

    /// <summary>Says what this worker holds of files. Reads none of them and keeps none alive.</summary>
    /// <param name="files">The files as they were listed, at most <see cref="LoadBatch.MaxFiles"/>; none when only the state of the cache is asked for.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [Alias("Held")]
    [ResponseTimeout("00:01:00")]
    Task<HeldReply> HeldAsync(FileStat[] files, CancellationToken cancellationToken);

    /// <summary>Adds up what this worker has cached at and below a Dora path.</summary>
    /// <param name="path">A file or directory.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [Alias("HeldBelow")]
    [ResponseTimeout("00:01:00")]
    Task<HeldSum> HeldBelowAsync(string path, CancellationToken cancellationToken);
}
