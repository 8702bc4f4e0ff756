using Dora.Grains.ClusterStore;
using Microsoft.Extensions.Logging;

namespace Dora.Grains.Cluster;

/// <summary>
/// Brings the mount table from the cluster store into the <see cref="ClusterState"/>: at start (a worker that cannot read it does not start), when a
/// change is announced, and by looking at the version every few seconds for announcements that were lost.
/// </summary>
internal sealed class MountTableFeed(
    IMountStore store, ClusterState state, ClusterTimings timings, TimeProvider time, ILogger<MountTableFeed> log)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _polling = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(MountTableFeed), ServiceLifecycleStage.ApplicationServices, StartAsync, StopAsync);

    public void Dispose() => _stopping.Dispose();

    /// <summary>Reads the table unless the known one is at least of a version.</summary>
    /// <returns>Whether the known table is now at least of that version.</returns>
    public async Task<bool> RefreshAsync(long version, CancellationToken cancellationToken)
    {
        if (state.Current.Mounts.Version < version)
        {
            state.Publish(await store.ReadAsync(cancellationToken));
        }

        return state.Current.Mounts.Version >= version;
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        state.Publish(await store.ReadAsync(cancellationToken));
        _polling = Task.Run(PollAsync, CancellationToken.None);
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _polling;
    }

    private async Task PollAsync()
    {
        using var timer = new PeriodicTimer(timings.MountPoll, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                await TryPollAsync();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopping is the only way this loop is meant to end.
        }
    }

    private async Task TryPollAsync()
    {
        try
        {
            await RefreshAsync(await store.ReadVersionAsync(_stopping.Token), _stopping.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The worker serves with the table it has; the next poll tries again.
            log.MountPollFailed(e.Message);
        }
    }
}
