using Microsoft.Extensions.Logging;

namespace Dora.Grains.Cluster;

/// <summary>Follows Orleans' membership into the <see cref="ClusterState"/>, from before the silo is active until it stops.</summary>
internal sealed class MembershipFeed(IClusterMembershipService membership, ClusterState state, ILogger<MembershipFeed> log)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _following = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(MembershipFeed), ServiceLifecycleStage.ApplicationServices, StartAsync, StopAsync);

    public void Dispose() => _stopping.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _following = Task.Run(FollowAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _following;
    }

    private async Task FollowAsync()
    {
        try
        {
            long told = -1;
            await foreach (ClusterMembershipSnapshot snapshot in membership.MembershipUpdates.WithCancellation(_stopping.Token))
            {
                state.Publish(snapshot);
                if (state.Current.MembershipVersion != told)
                {
                    // Orleans tells the same membership again whenever it has looked.
                    told = state.Current.MembershipVersion;
                    log.MembershipChanged(told, state.Current.Workers.Length);
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopping is the only way this loop is meant to end.
        }
    }
}
