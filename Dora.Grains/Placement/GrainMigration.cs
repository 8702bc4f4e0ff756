using Orleans.Runtime.Placement;

namespace Dora.Grains.Placement;

/// <summary>Moves activations with their state.</summary>
internal static class GrainMigration
{
    /// <summary>
    /// Starts moving an activation to another silo, which must be compatible and not this one: else Orleans deactivates the grain and its state is lost.
    /// </summary>
    public static void Start(IGrainContext context, SiloAddress target) =>
        context.Migrate(new Dictionary<string, object> { [IPlacementDirector.PlacementHintKey] = target });
}
