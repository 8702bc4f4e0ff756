namespace Dora.Interfaces;

/// <summary>All jobs of a cluster, as the cluster store has them: answered by whichever worker the call reaches. Key 0. One job is asked, started and stopped through its <see cref="ILoadJobGrain"/>.</summary>
[Alias("Dora.IJobsGrain")]
public interface IJobsGrain : IGrainWithIntegerKey
{
    /// <summary>The most jobs in a page: 1,000.</summary>
    const int MaxPage = 1000;

    /// <summary>One page of the jobs: those that run first, then those that ended, the last ended first.</summary>
    /// <param name="continuation">What the previous reply returned, or <see langword="null"/> for the first page.</param>
    /// <param name="limit">Jobs wanted, 1 to <see cref="MaxPage"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [Alias("List")]
    Task<JobListReply> ListAsync(string? continuation, int limit, CancellationToken cancellationToken);
}
