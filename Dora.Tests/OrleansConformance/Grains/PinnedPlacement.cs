using Orleans.Placement;
using Orleans.Runtime.Placement;

namespace Dora.Tests.OrleansConformance.Grains;

/// <summary>Puts a grain on the silo whose name is its key.</summary>
[Serializable]
public sealed class PinnedPlacement : PlacementStrategy
{
    internal static readonly PinnedPlacement Singleton = new();
}

[AttributeUsage(AttributeTargets.Class)]
internal sealed class PinnedPlacementAttribute() : PlacementAttribute(PinnedPlacement.Singleton);

internal sealed class PinnedPlacementDirector(IClusterMembershipService membership) : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        string name = target.GrainIdentity.Key.ToString()!;
        SiloAddress[] silos = context.GetCompatibleSilos(target);
        ClusterMember? member = membership.CurrentSnapshot.Members.Values.FirstOrDefault(m => m.Name == name && silos.Contains(m.SiloAddress));
        return member is null
            ? throw new SiloUnavailableException($"No silo is named '{name}'.")
            : Task.FromResult(member.SiloAddress);
    }
}

[Alias("Dora.Tests.IPinnedGrain")]
public interface IPinnedGrain : IConformanceGrain;

[PinnedPlacement]
internal sealed class PinnedGrain : ConformanceGrain, IPinnedGrain;
