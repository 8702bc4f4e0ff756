using Dora.Grains.ClusterStore;

namespace Dora.Tests.Grains.Doubles;

/// <summary>A job store whose first writer of a new job hears of its success only after every loser has read what was written.</summary>
internal sealed class LateWinnerJobStore(IJobStore inner, int losers) : IJobStore
{
    private readonly TaskCompletionSource _allRead = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _readers;

    public async ValueTask<StoredJob?> ReadAsync(string jobId, CancellationToken cancellationToken)
    {
        StoredJob? job = await inner.ReadAsync(jobId, cancellationToken);
        if (job is not null)
        {
            if (Interlocked.Increment(ref _readers) == losers)
            {
                _allRead.TrySetResult();
            }

            await _allRead.Task.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
        }

        return job;
    }

    public async ValueTask<bool> TryWriteAsync(StoredJob job, CancellationToken cancellationToken)
    {
        bool written = await inner.TryWriteAsync(job, cancellationToken);
        if (written && job.Revision == 1)
        {
            await _allRead.Task.WaitAsync(TimeSpan.FromSeconds(20), cancellationToken);
        }

        return written;
    }
}
