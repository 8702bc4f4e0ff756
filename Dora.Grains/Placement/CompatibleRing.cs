using System.Collections.Frozen;
using System.Collections.Immutable;
using Dora.Grains.Cluster;

namespace Dora.Grains.Placement;

/// <summary>
/// The ring over those workers whose silos can host a grain now. For a moment after a worker joins this is fewer than the active ones, because
/// its type manifest has not arrived; placing there would fail. File grains that were placed meanwhile move when they are called next.
/// </summary>
/// <remarks>Orleans hands out the same array until something changes, so the last ring is kept by that array and the membership version.</remarks>
internal sealed class CompatibleRing(IClusterMembershipService membership, ClusterState state)
{
    private volatile Entry? _last;

    /// <summary>The silo that owns a file.</summary>
    /// <exception cref="SiloUnavailableException">None of the silos is a Dora worker.</exception>
    public SiloAddress Owner(FileId file, SiloAddress[] compatible)
    {
        Entry entry = For(compatible);
        return entry.Ring.IsEmpty
            ? throw new SiloUnavailableException("no active worker can host the file: wait until a worker has started")
            : entry.Silos[entry.Ring.Owner(file)];
    }

    /// <summary>The silo of a worker, or <see langword="null"/> when none of the silos is that worker.</summary>
    public SiloAddress? Find(WorkerId worker, SiloAddress[] compatible) => For(compatible).Silos.GetValueOrDefault(worker);

    private Entry For(SiloAddress[] compatible)
    {
        ClusterMembershipSnapshot members = membership.CurrentSnapshot;
        Entry? last = _last;
        if (last is not null && last.Version == members.Version
            && (ReferenceEquals(last.Compatible, compatible) || last.Compatible.AsSpan().SequenceEqual(compatible)))
        {
            return last;
        }

        ImmutableArray<WorkerMember> workers = WorkerMembers.Among(compatible, members);
        ClusterSnapshot current = state.Current;
        WorkerRing ring = workers.Select(static w => w.Worker).SequenceEqual(current.Workers)
            ? current.Ring
            : new WorkerRing(workers.Select(static w => new RingMember(w.Worker.Id, w.Worker.Weight)));
        return _last = new Entry(compatible, members.Version, ring, workers.ToFrozenDictionary(static w => w.Worker.Id, static w => w.Silo));
    }

    private sealed record Entry(SiloAddress[] Compatible, MembershipVersion Version, WorkerRing Ring, FrozenDictionary<WorkerId, SiloAddress> Silos);
}
