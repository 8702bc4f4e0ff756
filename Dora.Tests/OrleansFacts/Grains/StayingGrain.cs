using System.Collections.Concurrent;

namespace Dora.Tests.OrleansFacts.Grains;

/// <summary>For tests in which silos come and go.</summary>
[Alias("Dora.Tests.IStayingGrain")]
public interface IStayingGrain : IFactGrain
{
    [Alias("Add")]
    Task<int> AddAsync(int value);
}

[HintedPlacement]
internal sealed class StayingGrain : FactGrain, IStayingGrain, IGrainMigrationParticipant
{
    private static readonly ConcurrentDictionary<GrainId, IGrainContext> All = new();

    private int _sum;

    /// <summary>The activations on a silo.</summary>
    internal static IGrainContext[] On(SiloAddress silo) => [.. All.Values.Where(c => Equals(c.Address.SiloAddress, silo))];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        All[GrainContext.GrainId] = GrainContext;
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        All.TryRemove(new(GrainContext.GrainId, GrainContext));
        Journal.Add($"deactivated {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext) => dehydrationContext.TryAddValue("sum", _sum);

    public void OnRehydrate(IRehydrationContext rehydrationContext) => rehydrationContext.TryGetValue("sum", out _sum);

    public Task<int> AddAsync(int value) => Task.FromResult(_sum += value);
}
