using Orleans.Runtime.Placement;

namespace Dora.Tests.OrleansFacts.Grains;

/// <summary>When its silo stops, moves the silo's grains to another one while everything still works.</summary>
internal sealed class DrainOnStop(ILocalSiloDetails silo, IClusterMembershipService membership, IGrainFactory grains) : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(DrainOnStop), ServiceLifecycleStage.Active, static _ => Task.CompletedTask, DrainAsync);

    private async Task DrainAsync(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return;
        SiloAddress target = membership.CurrentSnapshot.Members.Values
            .Where(m => m.Status == SiloStatus.Active && !m.SiloAddress.Equals(silo.SiloAddress))
            .Select(static m => m.SiloAddress)
            .Order()
            .First();
        foreach (IGrainContext context in StayingGrain.On(silo.SiloAddress))
        {
            // Calls are still answered here.
            await grains.GetGrain<IStayingGrain>(context.GrainId).AddAsync(100);
            context.Migrate(new Dictionary<string, object> { [IPlacementDirector.PlacementHintKey] = target }, cancellationToken);
            await context.Deactivated;
        }
    }
}
