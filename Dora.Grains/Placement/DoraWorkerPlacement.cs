using Orleans.Placement;

namespace Dora.Grains.Placement;

/// <summary>Activates a grain on the worker whose id is its key. The class name is the strategy's name on all silos.</summary>
[Serializable]
public sealed class DoraWorkerPlacement : PlacementStrategy
{
    internal static readonly DoraWorkerPlacement Singleton = new();
}

/// <summary>Puts a grain class under <see cref="DoraWorkerPlacement"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DoraWorkerPlacementAttribute() : PlacementAttribute(DoraWorkerPlacement.Singleton);
