using Dora.Grains.Cluster;
using Orleans.Runtime.Placement;

namespace Dora.Grains.Placement;

/// <summary>
/// Keeps file grains at the ring owners of their files. Placement alone does not: an activation stays where it is when the ring changes, and a call that comes through a stale directory entry
/// re-creates one where the entry points. So a file grain asks here on each call; one that is not at home is sent there, and refuses changes until it has arrived.
/// </summary>
internal sealed class FileGrainHome(ClusterState state, ILocalSiloDetails local, IClusterManifestProvider manifests)
{
    private int _active;

    /// <summary>File grains that are active on this silo.</summary>
    public int Active => Volatile.Read(ref _active);

    /// <summary>A file grain was activated.</summary>
    public void Enter() => Interlocked.Increment(ref _active);

    /// <summary>A file grain was deactivated.</summary>
    public void Leave() => Interlocked.Decrement(ref _active);

    /// <summary>Whether a file grain is at the owner of its file; starts its move when it is not.</summary>
    public bool IsHere(IGrainContext grain)
    {
        ClusterMap map = state.Map;
        SiloAddress? owner = map.OwnerOf(FileGrainKey.FileIdOf(grain.GrainId.Key.ToString() ?? string.Empty, map.Snapshot.Mounts));
        if (owner is null || owner.Equals(local.SiloAddress))
        {
            return true;
        }

        // A silo whose manifest has not arrived takes no grains: the next call tries again.
        if (manifests.Current.Silos.ContainsKey(owner))
        {
            grain.Migrate(new Dictionary<string, object> { [IPlacementDirector.PlacementHintKey] = owner });
        }

        return false;
    }
}
