using Dora.Client.Cluster;
using Dora.Interfaces;

namespace Dora.Client;

/// <summary>The jobs of a cluster: work that the workers do and that outlives each of them. Safe for concurrent use; lives as long as its client.</summary>
public sealed class DoraJobs
{
    private static readonly TimeSpan LoadPoll = TimeSpan.FromMilliseconds(200);

    private readonly GrainCalls _calls;
    private readonly TimeProvider _time;

    internal DoraJobs(GrainCalls calls, TimeProvider time) => (_calls, _time) = (calls, time);

    /// <summary>Brings everything at and below a path into the cluster's caches, by a job that outlives workers, and waits for its end.</summary>
    /// <param name="path">A file or directory.</param>
    /// <param name="parallelism">Files loaded at the same time, 1 to 256; 0 lets the cluster choose.</param>
    /// <param name="progress">Told about five times a second how far the job is.</param>
    /// <param name="cancellationToken">Stops the job.</param>
    /// <returns>Where the job ended; look at its state and failures.</returns>
    /// <exception cref="DoraException">The job could not be started, or no worker told about it any more.</exception>
    public async Task<LoadJobStatus> LoadAsync(
        string path, int parallelism = 0, IProgress<LoadJobStatus>? progress = null, CancellationToken cancellationToken = default)
    {
        var spec = new LoadJobSpec(DoraPath.Parse(path).Value, parallelism);
        string what = $"cannot load '{spec.Path}'";
        string id = $"load-{Guid.NewGuid():N}";
        LoadJobReply reply = await _calls.RepeatAsync(what, g => g.GetGrain<ILoadJobGrain>(id).StartAsync(spec), cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                GrainCalls.Check(reply.Code, reply.Message, what);
                progress?.Report(reply.Status!);
                if (reply.Status!.State != LoadJobState.Running)
                {
                    return reply.Status;
                }

                await Task.Delay(LoadPoll, _time, cancellationToken).ConfigureAwait(false);
                reply = await _calls.RepeatAsync(what, g => g.GetGrain<ILoadJobGrain>(id).GetStatusAsync(), cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            await _calls.TryOnceAsync(what, g => g.GetGrain<ILoadJobGrain>(id).StopAsync()).ConfigureAwait(false);
            throw;
        }
    }
}
