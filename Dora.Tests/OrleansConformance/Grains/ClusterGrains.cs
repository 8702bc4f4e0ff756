using System.Collections.Concurrent;

namespace Dora.Tests.OrleansConformance.Grains;

/// <summary>For tests in which silos come and go.</summary>
[Alias("Dora.Tests.IStayingGrain")]
public interface IStayingGrain : IConformanceGrain
{
    [Alias("Add")]
    Task<int> AddAsync(int value);

    /// <summary>Stays in the call until the gate opens or the process is told to stop.</summary>
    [Alias("LongPoll")]
    Task<string> LongPollAsync();
}

[HintedPlacement]
internal sealed class StayingGrain(Microsoft.Extensions.Hosting.IHostApplicationLifetime lifetime) : ConformanceGrain, IStayingGrain, IGrainMigrationParticipant
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

    public async Task<string> LongPollAsync()
    {
        try
        {
            await Gate.PassAsync(lifetime.ApplicationStopping);
            return "gate";
        }
        catch (OperationCanceledException)
        {
            return "stopping";
        }
    }
}
