using Orleans.Concurrency;

namespace Dora.Interfaces;

/// <summary>
/// One file or directory. The key is the normalized Dora path; the grain lives on the ring owner of its file id and serializes everything that
/// changes the file; questions are answered meanwhile. Replies are values: check <c>Code</c> first (Busy: the file is changing its owner, try again). Page bytes never travel here: read them over the page channel.
/// For many files at once see <see cref="IWorkerBatchGrain"/>.
/// </summary>
[Alias("Dora.IFileGrain")]
public interface IFileGrain : IGrainWithStringKey
{
    /// <summary>What is at the path: from the worker's metadata when fresh by the mount's rule, else from the store.</summary>
    /// <param name="refresh">Ask the store even when the cached metadata is fresh.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [Alias("Stat")]
    [AlwaysInterleave]
    Task<FileReply> StatAsync(bool refresh, CancellationToken cancellationToken);

    /// <summary>One page of a directory's entries in name order, mounts below it included. The first page of a large directory takes as long as the store needs to give all its names.</summary>
    /// <param name="continuation">What the previous reply returned, or <see langword="null"/> for the first page.</param>
    /// <param name="limit">Entries wanted, 1 to 10,000.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [Alias("List")]
    [AlwaysInterleave]
    [ResponseTimeout("00:02:00")]
    Task<ListReply> ListAsync(string? continuation, int limit, CancellationToken cancellationToken);

    /// <summary>Forgets metadata and pages on all workers, so that the next read asks the store.</summary>
    [Alias("Invalidate")]
    [ResponseTimeout("00:01:00")]
    Task<FreeReply> InvalidateAsync(CancellationToken cancellationToken);

    /// <summary>Drops the pages on all workers; metadata stays.</summary>
    [Alias("Free")]
    [ResponseTimeout("00:01:00")]
    Task<FreeReply> FreeAsync(CancellationToken cancellationToken);

    /// <summary>Makes a range of the file cached on its owner.</summary>
    /// <param name="offset">First byte, 0 or more.</param>
    /// <param name="length">Bytes, at most <see cref="LoadLimits.MaxBytesPerCall"/>; cut at the end of the file.</param>
    /// <param name="listedAt">
    /// When the caller listed the file (<see cref="FileStat.LoadedAt"/>): what the worker knows since then is fresh enough, whatever the mount's rule. <see langword="null"/>: the rule decides.
    /// </param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [Alias("Load")]
    [ResponseTimeout("00:00:30")]
    Task<LoadReply> LoadAsync(long offset, long length, DateTimeOffset? listedAt, CancellationToken cancellationToken);
}
