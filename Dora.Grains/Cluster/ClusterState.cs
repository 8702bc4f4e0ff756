using System.Collections.Frozen;

namespace Dora.Grains.Cluster;

/// <summary>Holds the newest <see cref="ClusterMap"/>. Two feeds write it: one for membership, one for mounts; versions never go back.</summary>
internal sealed class ClusterState : IClusterWatch
{
    private readonly Lock _gate = new();
    private volatile ClusterMap _map = ClusterMap.Empty;
    private volatile TaskCompletionSource _changed = NewSignal();

    public ClusterSnapshot Current => _map.Snapshot;

    /// <summary>The newest snapshot with the silos of its workers.</summary>
    public ClusterMap Map => _map;

    public async Task<ClusterSnapshot> WaitForChangeAsync(long membershipVersion, long mountsVersion, CancellationToken cancellationToken)
    {
        while (true)
        {
            // The signal is taken before the look: a change between the two completes it.
            Task changed = _changed.Task;
            ClusterSnapshot current = Current;
            if (current.MembershipVersion > membershipVersion || current.Mounts.Version > mountsVersion)
            {
                return current;
            }

            await changed.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Takes a membership version, unless a newer one is known.</summary>
    public void Publish(ClusterMembershipSnapshot membership)
    {
        var workers = WorkerMembers.Active(membership);
        lock (_gate)
        {
            if (membership.Version.Value <= Current.MembershipVersion && _map != ClusterMap.Empty)
            {
                return;
            }

            var snapshot = Current.With(membership.Version.Value, workers.Select(static w => w.Worker));
            Swap(new ClusterMap(snapshot, workers.ToFrozenDictionary(static w => w.Worker.Id, static w => w.Silo)));
        }
    }

    /// <summary>Takes a mount table, unless a newer one is known.</summary>
    public void Publish(MountTable mounts)
    {
        lock (_gate)
        {
            if (mounts.Version > Current.Mounts.Version)
            {
                Swap(_map with { Snapshot = Current.With(mounts) });
            }
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Swap(ClusterMap map)
    {
        _map = map;
        TaskCompletionSource changed = _changed;
        _changed = NewSignal();
        changed.SetResult();
    }
}
