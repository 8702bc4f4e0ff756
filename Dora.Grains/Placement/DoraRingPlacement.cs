using Orleans.Placement;

namespace Dora.Grains.Placement;

/// <summary>Activates a grain on the ring owner of the file that its key, a Dora path, stands for. The class name is the strategy's name on all silos.</summary>
[Serializable]
public sealed class DoraRingPlacement : PlacementStrategy
{
    internal static readonly DoraRingPlacement Singleton = new();
}

/// <summary>Puts a grain class under <see cref="DoraRingPlacement"/>.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class DoraRingPlacementAttribute() : PlacementAttribute(DoraRingPlacement.Singleton);
