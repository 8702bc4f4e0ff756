namespace Dora.Grains.ClusterStore;

/// <summary>Job state that outlives workers. Safe for concurrent use from any number of workers.</summary>
internal interface IJobStore
{
    /// <summary>Ended jobs that are kept; of more, the oldest are forgotten.</summary>
    const int MaxEndedJobs = 1000;

    /// <summary>A job, or <see langword="null"/> when there is none with that id.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Damaged"/>: the row is of a format this version cannot read.</exception>
    ValueTask<StoredJob?> ReadAsync(string jobId, CancellationToken cancellationToken);

    /// <summary>Writes a job.</summary>
    /// <param name="job">The job; its revision is one more than the stored one, 1 for a new job.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns><see langword="false"/> when somebody else wrote meanwhile: another activation drives the job.</returns>
    ValueTask<bool> TryWriteAsync(StoredJob job, CancellationToken cancellationToken);

    /// <summary>Jobs, a page at a time: those that run first, then those that ended, the last ended first.</summary>
    /// <param name="from">Where the page before ended; <see langword="null"/>: the start.</param>
    /// <param name="limit">The most jobs, 1 or more.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The jobs, and where the next page starts. A row that this version cannot read is a job of state Unknown, whose failure says why.</returns>
    ValueTask<(IReadOnlyList<StoredJob> Jobs, JobPlace? Next)> ListAsync(JobPlace? from, int limit, CancellationToken cancellationToken);
}
