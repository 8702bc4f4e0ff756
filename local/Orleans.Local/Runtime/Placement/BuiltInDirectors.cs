using Orleans.Runtime.Placement;

namespace Orleans.Runtime;

/// <summary>Any silo; a hint is honoured.</summary>
internal sealed class RandomPlacementDirector(ILocalSiloDetails local) : IPlacementDirector
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(local.SiloAddress.GetConsistentHashCode());

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        if (IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is { } hint)
            return Task.FromResult(hint);
        lock (_lock)
            return Task.FromResult(silos[_random.Next(silos.Length)]);
    }
}

/// <summary>The silo at the grain's hash; a hint is honoured.</summary>
internal sealed class HashBasedPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return Task.FromResult(IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) ?? silos[target.GrainIdentity.GetUniformHashCode() % (uint)silos.Length]);
    }
}

/// <summary>The calling silo, else any; a hint is honoured.</summary>
internal sealed class PreferLocalPlacementDirector(ILocalSiloDetails local) : IPlacementDirector
{
    private readonly RandomPlacementDirector _any = new(local);

    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silos = context.GetCompatibleSilos(target);
        return IPlacementDirector.GetPlacementHint(target.RequestContextData, silos) is null && context.LocalSiloStatus == SiloStatus.Active && silos.Contains(context.LocalSilo)
            ? Task.FromResult(context.LocalSilo)
            : _any.OnAddActivation(strategy, target, context);
    }
}
