namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.IDeactivationGrain")]
public interface IDeactivationGrain : IConformanceGrain
{
    /// <summary>Adds to the state of the instance.</summary>
    [Alias("Add")]
    Task<int> AddAsync(int value);

    /// <summary>Asks for deactivation, then stays in the call until the gate opens.</summary>
    [Alias("DeactivateThenHold")]
    Task DeactivateThenHoldAsync();

    [Alias("Hold")]
    Task HoldAsync();

    [Alias("DeactivateFor")]
    Task DeactivateForAsync(DeactivationReasonCode code, string text);

    [Alias("FailOnDeactivation")]
    Task FailOnDeactivationAsync();
}

[HintedPlacement]
internal sealed class DeactivationGrain : ConformanceGrain, IDeactivationGrain
{
    /// <summary>The key of a grain that calls another one when it goes.</summary>
    internal const string Farewell = "farewell";

    private int _state;
    private bool _fail;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Journal.Add("activated");
        Shelf.Put(Key, GrainContext);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Journal.Add($"deactivated {reason.ReasonCode}");
        if (reason.ReasonCode == DeactivationReasonCode.ApplicationError)
            Journal.Add(reason.Description);
        await Task.Yield();
        if (Key.StartsWith(Farewell, StringComparison.Ordinal))
            Journal.Add($"told {await GrainFactory.GetGrain<IDeactivationGrain>(Key[Farewell.Length..]).AddAsync(1)}");
        if (_fail)
            throw new InvalidOperationException("Cannot say goodbye.");
    }

    public Task<int> AddAsync(int value)
    {
        Journal.Add("add");
        return Task.FromResult(_state += value);
    }

    public async Task DeactivateThenHoldAsync()
    {
        DeactivateOnIdle();
        await Gate.PassAsync();
        Journal.Add("call ends");
    }

    public async Task HoldAsync()
    {
        await Gate.PassAsync();
        Journal.Add("call ends");
    }

    public Task DeactivateForAsync(DeactivationReasonCode code, string text)
    {
        GrainContext.Deactivate(new DeactivationReason(code, text));
        return Task.CompletedTask;
    }

    public Task FailOnDeactivationAsync()
    {
        _fail = true;
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
