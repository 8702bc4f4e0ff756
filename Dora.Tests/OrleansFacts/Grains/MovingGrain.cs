namespace Dora.Tests.OrleansFacts.Grains;

[GenerateSerializer]
[Alias("Dora.Tests.MovingState")]
public sealed record MovingState([property: Id(0)] string Text, [property: Id(1)] List<int> Values);

[Alias("Dora.Tests.IMovingGrain")]
public interface IMovingGrain : IFactGrain
{
    /// <summary>Adds a value to the state and returns all values.</summary>
    [Alias("Add")]
    Task<List<int>> AddAsync(int value);
}

[HintedPlacement]
internal sealed class MovingGrain : FactGrain, IMovingGrain, IGrainMigrationParticipant
{
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
        return Task.CompletedTask;
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        Journal.Add("dehydrated");
        Assert.True(dehydrationContext.TryAddValue("state", _state with { Text = "moved" }));
        Assert.True(dehydrationContext.TryAddValue("number", 42));
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        Journal.Add("rehydrated");
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
}
