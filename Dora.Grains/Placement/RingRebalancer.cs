using Dora.Grains.Cluster;
using Microsoft.Extensions.Logging;

namespace Dora.Grains.Placement;

/// <summary>
/// Keeps file grains at their ring owners. Placement alone does not: a call that comes through a stale directory entry re-creates a grain where the entry
/// points, and a grain stays where it is when the ring changes. So, after each change of membership or mounts and every few seconds, the activations
/// of this silo that belong elsewhere migrate there with their state; when the silo stops, all of them go to the others.
/// </summary>
internal sealed class RingRebalancer(
    ClusterState state,
    FileGrainRegistry registry,
    ILocalSiloDetails local,
    IClusterManifestProvider manifests,
    ClusterTimings timings,
    TimeProvider time,
    ILogger<RingRebalancer> log)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private const int DrainRounds = 5;

    private static readonly TimeSpan ManifestPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ManifestPoll = TimeSpan.FromSeconds(0.05);

    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(RingRebalancer), ServiceLifecycleStage.Active, StartAsync, StopAsync);

    public void Dispose() => _stopping.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        _running = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Runs while the silo is still active, so that the grains' messages and directory entries can follow them.</summary>
    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _running;
        if (!cancellationToken.IsCancellationRequested)
        {
            await DrainAsync();
        }
    }

    private async Task RunAsync()
    {
        long membership = -1, mounts = -1;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                bool changed = await WaitForChangeOrSweepAsync(membership, mounts);
                if (changed)
                {
                    await Task.Delay(timings.Settle, time, _stopping.Token);
                }

                ClusterMap map = state.Map;
                await WaitForManifestsAsync(map);
                int moved = MoveToOwners(map);
                if (changed || moved > 0)
                {
                    log.GrainsMoved(moved, registry.Count, map.Snapshot.MembershipVersion, map.Snapshot.Mounts.Version);
                }

                (membership, mounts) = (map.Snapshot.MembershipVersion, map.Snapshot.Mounts.Version);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                // Stopping is the only way this loop is meant to end.
            }
            catch (Exception e)
            {
                log.SweepFailed(e);
                await Task.Delay(timings.Sweep, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> WaitForChangeOrSweepAsync(long membership, long mounts)
    {
        using var sweepDue = new CancellationTokenSource(timings.Sweep, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(sweepDue.Token, _stopping.Token);
        try
        {
            await state.WaitForChangeAsync(membership, mounts, either.Token);
            return true;
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>A silo whose manifest has not arrived cannot be migrated to: the grain would be dropped instead. After a while we go on without it.</summary>
    private async Task WaitForManifestsAsync(ClusterMap map)
    {
        long start = time.GetTimestamp();
        while (!map.Silos.Values.All(manifests.Current.Silos.ContainsKey) && time.GetElapsedTime(start) < ManifestPatience)
        {
            await Task.Delay(ManifestPoll, time, _stopping.Token);
        }
    }

    private int MoveToOwners(ClusterMap map)
    {
        if (!map.Silos.Values.Contains(local.SiloAddress))
        {
            // Not active (yet, or not any more): there is nothing sure to decide from.
            return 0;
        }

        int moved = 0;
        foreach (FileGrainEntry entry in registry.Entries)
        {
            SiloAddress? owner = map.OwnerOf(entry.FileIdIn(map.Snapshot.Mounts));
            if (owner is not null && !owner.Equals(local.SiloAddress) && manifests.Current.Silos.ContainsKey(owner))
            {
                GrainMigration.Start(entry.Context, owner);
                moved++;
            }
        }

        return moved;
    }

    private async Task DrainAsync()
    {
        ClusterMap map = state.Map;
        var others = new Dictionary<WorkerId, SiloAddress>(map.Silos.Where(s => !s.Value.Equals(local.SiloAddress) && manifests.Current.Silos.ContainsKey(s.Value)));
        if (others.Count == 0)
        {
            return;
        }

        var ring = new WorkerRing(map.Snapshot.Ring.Members.Where(m => others.ContainsKey(m.Id)));
        log.Draining(registry.Count);
        using var deadline = new CancellationTokenSource(timings.Drain, time);

        // Until the others have seen this silo leave, calls may bring grains back: a few rounds, not one.
        for (int round = 0; round < DrainRounds && registry.Count > 0 && !deadline.IsCancellationRequested; round++)
        {
            FileGrainEntry[] entries = [.. registry.Entries];
            foreach (FileGrainEntry entry in entries)
            {
                GrainMigration.Start(entry.Context, others[ring.Owner(entry.FileIdIn(map.Snapshot.Mounts))]);
            }

            await Task.WhenAll(entries.Select(static e => e.Context.Deactivated)).WaitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (registry.Count > 0)
        {
            log.DrainIncomplete(registry.Count);
        }
    }
}
