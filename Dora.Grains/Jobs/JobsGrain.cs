using Dora.Grains.ClusterStore;
using Dora.Interfaces;
using Orleans.Concurrency;

namespace Dora.Grains.Jobs;

/// <summary>Reads the jobs of the cluster store. No job is activated by this.</summary>
[StatelessWorker(1)]
[Reentrant]
[GrainType("dora.jobs")]
internal sealed class JobsGrain(IJobStore store) : Grain, IJobsGrain
{
    public async Task<JobListReply> ListAsync(string? continuation, int limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > IJobsGrain.MaxPage)
        {
            return Refuse($"{limit} jobs were asked for: ask for 1 to {IJobsGrain.MaxPage}");
        }

        JobPlace? from = null;
        if (continuation is not null && !JobPlace.TryParse(continuation, out from))
        {
            return Refuse($"'{continuation}' is no continuation of a list of jobs: start the list again");
        }

        (IReadOnlyList<StoredJob> jobs, JobPlace? next) = await store.ListAsync(from, limit, cancellationToken);
        return new JobListReply(DoraErrorCode.None, null, [.. jobs.Select(static j => j.ToStatus())], next?.ToString());
    }

    private static JobListReply Refuse(string message) => new(DoraErrorCode.InvalidArgument, message, [], null);
}
