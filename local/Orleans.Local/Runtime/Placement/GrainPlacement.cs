using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Placement;

namespace Orleans.Runtime;

/// <summary>Asks the director of a grain's strategy for a silo.</summary>
internal sealed class GrainPlacement(IServiceProvider services, ILocalSiloDetails local, MembershipOracle membership, ClusterManifestProvider manifests) : IPlacementContext
{
    private readonly Lock _lock = new();
    private readonly Dictionary<GrainType, SiloAddress[]> _compatible = [];
    private (object Membership, object Manifest) _basis;

    public SiloAddress LocalSilo => local.SiloAddress;

    public SiloStatus LocalSiloStatus => membership.CurrentSnapshot.GetSiloStatus(local.SiloAddress);

    public async Task<SiloAddress> ChooseAsync(GrainClassModel model, GrainId grain, string interfaceName, Dictionary<string, object>? context)
    {
        var target = new PlacementTarget(grain, context!, GrainInterfaceType.Create(interfaceName), 0);
        if (GetCompatibleSilos(target).Length == 0)
            throw new OrleansException($"No active silo can host {grain}.");
        var strategy = model.Placement;
        var director = services.GetKeyedService<IPlacementDirector>(strategy.GetType())
            ?? throw new OrleansConfigurationException($"{model.Type.FullName}: no director is registered for its placement strategy {strategy.GetType().FullName}. Call AddPlacementDirector on the silo builder.");
        var chosen = await director.OnAddActivation(strategy, target, this).ConfigureAwait(false);
        return GetCompatibleSilos(target).Contains(chosen)
            ? chosen
            : throw new OrleansException($"{director.GetType().FullName} placed {grain} on {chosen}, which is not an active silo with its grain class.");
    }

    /// <summary>The same array as long as members and manifests stay the same.</summary>
    public SiloAddress[] GetCompatibleSilos(PlacementTarget target)
    {
        var snapshot = membership.CurrentSnapshot;
        var manifest = manifests.Current;
        lock (_lock)
        {
            if (_basis != (snapshot, manifest))
            {
                _compatible.Clear();
                _basis = (snapshot, manifest);
            }

            if (!_compatible.TryGetValue(target.GrainIdentity.Type, out var silos))
                _compatible[target.GrainIdentity.Type] = silos = Compatible(snapshot, manifest, target.GrainIdentity.Type);
            return silos;
        }
    }

    public IReadOnlyDictionary<ushort, SiloAddress[]> GetCompatibleSilosWithVersions(PlacementTarget target) =>
        new Dictionary<ushort, SiloAddress[]> { [0] = GetCompatibleSilos(target) };

    private static SiloAddress[] Compatible(ClusterMembershipSnapshot snapshot, Metadata.ClusterManifest manifest, GrainType type) =>
        [.. snapshot.Members.Values
            .Where(member => member.Status == SiloStatus.Active && manifest.Silos.TryGetValue(member.SiloAddress, out var silo) && silo.Grains.ContainsKey(type))
            .Select(member => member.SiloAddress)
            .Order()];
}
