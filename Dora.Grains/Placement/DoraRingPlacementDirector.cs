using Dora.Grains.Cluster;
using Orleans.Runtime.Placement;

namespace Dora.Grains.Placement;

/// <summary>Carries out <see cref="DoraRingPlacement"/>: hint first (a migration knows where it goes), then the ring.</summary>
internal sealed class DoraRingPlacementDirector(CompatibleRing ring, ClusterState state) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        SiloAddress[] silos = context.GetCompatibleSilos(target);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } hint)
        {
            return Task.FromResult(hint);
        }

        FileId file = FileGrainKey.FileIdOf(target.GrainIdentity.Key.ToString() ?? string.Empty, state.Current.Mounts);
        return Task.FromResult(ring.Owner(file, silos));
    }
}
