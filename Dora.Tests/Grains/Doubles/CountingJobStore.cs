using System.Collections.Concurrent;
using Dora.Grains.ClusterStore;

namespace Dora.Tests.Grains.Doubles;

/// <summary>A job store that notes which jobs are read.</summary>
internal sealed class CountingJobStore(IJobStore inner, ConcurrentBag<string> reads) : IJobStore
{
    public ValueTask<StoredJob?> ReadAsync(string jobId, CancellationToken cancellationToken)
    {
        reads.Add(jobId);
        return inner.ReadAsync(jobId, cancellationToken);
    }

    public ValueTask<bool> TryWriteAsync(StoredJob job, CancellationToken cancellationToken) => inner.TryWriteAsync(job, cancellationToken);

    public ValueTask<(IReadOnlyList<StoredJob> Jobs, JobPlace? Next)> ListAsync(JobPlace? from, int limit, CancellationToken cancellationToken) =>
        inner.ListAsync(from, limit, cancellationToken);
}
