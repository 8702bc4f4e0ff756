using System.Collections.Immutable;

namespace Dora;

/// <summary>
/// One consistent picture of the cluster: the active workers of one membership version, the ring built from them, and the mount table.
/// Immutable and swapped whole; a request holds one snapshot from start to end.
/// </summary>
public sealed class ClusterSnapshot
{
    private readonly Dictionary<WorkerId, WorkerInfo> _byId;

    /// <summary>Creates the snapshot and builds its ring.</summary>
    /// <param name="membershipVersion">The membership version the workers were read from.</param>
    /// <param name="workers">The active workers; of two with one id the first counts.</param>
    /// <param name="mounts">The mount table.</param>
    public ClusterSnapshot(long membershipVersion, IEnumerable<WorkerInfo> workers, MountTable mounts)
        : this(membershipVersion, workers, mounts, earlier: null)
    {
    }

    private ClusterSnapshot(long membershipVersion, IEnumerable<WorkerInfo> workers, MountTable mounts, WorkerRing? earlier)
    {
        MembershipVersion = membershipVersion;
        Workers = [.. workers.OrderBy(static w => w.Id).DistinctBy(static w => w.Id)];
        Mounts = mounts;
        RingMember[] members = [.. Workers.Select(static w => new RingMember(w.Id, w.Weight))];

        // Most membership versions change no active worker, and a ring costs milliseconds and megabytes.
        Ring = earlier is not null && earlier.Members.AsSpan().SequenceEqual(members) ? earlier : new WorkerRing(members);
        _byId = Workers.ToDictionary(static w => w.Id);
    }

    private ClusterSnapshot(ClusterSnapshot other, MountTable mounts)
    {
        (MembershipVersion, Workers, Ring, _byId, Mounts) = (other.MembershipVersion, other.Workers, other.Ring, other._byId, mounts);
    }

    /// <summary>A cluster without workers and mounts.</summary>
    public static ClusterSnapshot Empty { get; } = new(0, [], MountTable.Empty);

    /// <summary>The membership version the workers were read from.</summary>
    public long MembershipVersion { get; }

    /// <summary>The active workers, ordered by id.</summary>
    public ImmutableArray<WorkerInfo> Workers { get; }

    /// <summary>The ring over <see cref="Workers"/>.</summary>
    public WorkerRing Ring { get; }

    /// <summary>The mount table.</summary>
    public MountTable Mounts { get; }

    /// <summary>The worker with an id, or <see langword="null"/> when it is not active.</summary>
    public WorkerInfo? Find(WorkerId id) => _byId.GetValueOrDefault(id);

    /// <summary>The owner of a file, or <see langword="null"/> when there is no worker.</summary>
    public WorkerInfo? OwnerOf(FileId file) => Ring.IsEmpty ? null : Workers[Ring.OwnerIndex(file)];

    /// <summary>The workers of another membership version with the same mount table; keeps the ring when its members are the same.</summary>
    public ClusterSnapshot With(long membershipVersion, IEnumerable<WorkerInfo> workers) => new(membershipVersion, workers, Mounts, Ring);

    /// <summary>The same workers with another mount table.</summary>
    public ClusterSnapshot With(MountTable mounts) => new(this, mounts);
}
