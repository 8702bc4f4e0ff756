using Orleans.Runtime.Placement;

namespace Dora.Tests.OrleansConformance.Grains;

[GenerateSerializer]
[Alias("Dora.Tests.MovingState")]
public sealed record MovingState([property: Id(0)] string Text, [property: Id(1)] List<int> Values);

[Alias("Dora.Tests.IMovingGrain")]
public interface IMovingGrain : IConformanceGrain
{
    /// <summary>Adds a value to the state and returns all values.</summary>
    [Alias("Add")]
    Task<List<int>> AddAsync(int value);

    /// <summary>Stays in the call until the gate opens.</summary>
    [Alias("Hold")]
    Task HoldAsync();

    [Alias("MoveTo")]
    Task MoveToAsync(SiloAddress silo);
}

[HintedPlacement]
internal sealed class MovingGrain : ConformanceGrain, IMovingGrain, IGrainMigrationParticipant
{
    /// <summary>The key of a grain whose OnDeactivateAsync throws.</summary>
    internal const string Fails = "fails";

    /// <summary>The keys of grains whose state cannot be written or read.</summary>
    internal const string DehydrateFails = "dehydrate-fails";
    internal const string RehydrateFails = "rehydrate-fails";

    private MovingState _state = new("fresh", []);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        // Not in the constructor: an instance may be made in vain where a silo still believes the grain to be.
        Shelf.Put(Key, GrainContext);
        Journal.Add($"activated {_state.Text}");
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Journal.Add($"deactivated {reason.ReasonCode}");
        return Key.StartsWith(Fails, StringComparison.Ordinal)
            ? throw new InvalidOperationException("Cannot say goodbye.")
            : Task.CompletedTask;
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        Journal.Add("dehydrated");
        if (Key.StartsWith(DehydrateFails, StringComparison.Ordinal))
            throw new InvalidOperationException("Cannot pack.");
        Assert.True(dehydrationContext.TryAddValue("state", _state with { Text = "moved" }));
        Assert.True(dehydrationContext.TryAddValue("number", 42));
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        Journal.Add("rehydrated");
        if (Key.StartsWith(RehydrateFails, StringComparison.Ordinal))
            throw new InvalidOperationException("Cannot unpack.");
        Assert.True(rehydrationContext.TryGetValue("number", out int number));
        Assert.Equal(42, number);
        Assert.False(rehydrationContext.TryGetValue("none", out string? _));
        Assert.True(rehydrationContext.TryGetValue("state", out MovingState? state));
        _state = state!;
    }

    public Task<List<int>> AddAsync(int value)
    {
        _state.Values.Add(value);
        return Task.FromResult(_state.Values);
    }

    public Task HoldAsync() => Gate.PassAsync();

    public Task MoveToAsync(SiloAddress silo)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        MigrateOnIdle();
        return Task.CompletedTask;
    }
}

/// <summary>Keeps nothing when it moves.</summary>
[Alias("Dora.Tests.IForgetfulGrain")]
public interface IForgetfulGrain : IConformanceGrain
{
    [Alias("Add")]
    Task<int> AddAsync(int value);
}

[HintedPlacement]
internal sealed class ForgetfulGrain : ConformanceGrain, IForgetfulGrain
{
    private int _state;

    public Task<int> AddAsync(int value) => Task.FromResult(_state += value);
}
