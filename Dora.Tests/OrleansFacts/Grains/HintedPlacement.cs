using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Dora.Tests.OrleansFacts.Grains;

/// <summary>Puts a grain where the caller's placement hint says, else on the silo that was asked.</summary>
[Serializable]
public sealed class HintedPlacement : PlacementStrategy
{
    internal static readonly HintedPlacement Singleton = new();
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class HintedPlacementAttribute() : PlacementAttribute(HintedPlacement.Singleton);

internal sealed class HintedPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        SiloAddress[] silos = context.GetCompatibleSilos(target);
        SiloAddress chosen = IPlacementDirector.GetPlacementHint(target.RequestContextData, silos)
            ?? (silos.Contains(context.LocalSilo) ? context.LocalSilo : silos[0]);
        return Task.FromResult(chosen);
    }
}
