using Orleans.Runtime.Placement;

namespace Dora.Grains.Placement;

/// <summary>Carries out <see cref="DoraWorkerPlacement"/>: that worker or nowhere.</summary>
internal sealed class DoraWorkerPlacementDirector(CompatibleRing ring) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        string key = target.GrainIdentity.Key.ToString() ?? string.Empty;
        SiloAddress? silo = WorkerId.IsValid(key) ? ring.Find(new WorkerId(key), context.GetCompatibleSilos(target)) : null;
        return silo is not null
            ? Task.FromResult(silo)
            : throw new SiloUnavailableException($"worker '{key}' is not active: start it, or ask one that is (dora workers)");
    }
}
