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
}
