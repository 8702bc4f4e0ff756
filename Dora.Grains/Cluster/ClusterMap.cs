using System.Collections.Frozen;

namespace Dora.Grains.Cluster;

/// <summary>A cluster snapshot together with where each of its workers runs. Immutable, swapped whole.</summary>
/// <param name="Snapshot">Workers, ring and mounts.</param>
/// <param name="Silos">The silo of each worker in <paramref name="Snapshot"/>.</param>
internal sealed record ClusterMap(ClusterSnapshot Snapshot, FrozenDictionary<WorkerId, SiloAddress> Silos)
{
    /// <summary>A cluster without workers.</summary>
    public static ClusterMap Empty { get; } = new(ClusterSnapshot.Empty, FrozenDictionary<WorkerId, SiloAddress>.Empty);

    /// <summary>The silo that owns a file, or <see langword="null"/> when there is no worker.</summary>
    public SiloAddress? OwnerOf(FileId file) => Snapshot.OwnerOf(file) is { } worker ? Silos[worker.Id] : null;
}
