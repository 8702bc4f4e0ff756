namespace Dora.Tests.OrleansConformance.Grains;

/// <summary>A service that grains get through their constructor, one per silo.</summary>
internal sealed class SiloStamp(ILocalSiloDetails silo)
{
    internal SiloAddress Silo => silo.SiloAddress;
}

[Alias("Dora.Tests.IActivationGrain")]
public interface IActivationGrain : IConformanceGrain
{
    [Alias("Call")]
    Task CallAsync();

    [Alias("InjectedSilo")]
    Task<SiloAddress> InjectedSiloAsync();
}

/// <summary>Its activation is held by the gate, or fails until the gate is open, as the key says.</summary>
[HintedPlacement]
internal sealed class ActivationGrain : ConformanceGrain, IActivationGrain
{
    internal const string Held = "held";
    internal const string Failing = "failing";
    internal const string ConstructorFails = "constructor-fails";

    private readonly SiloStamp _stamp;

    public ActivationGrain(SiloStamp stamp)
    {
        _stamp = stamp;
        Journal.Add("constructed");
        if (Key.StartsWith(ConstructorFails, StringComparison.Ordinal))
            throw new InvalidOperationException("No instance today.");
    }

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        Journal.Add("activating");
        if (Key.StartsWith(Held, StringComparison.Ordinal))
            await Gate.PassAsync(cancellationToken);
        if (Key.StartsWith(Failing, StringComparison.Ordinal) && !Gate.IsOpen)
            throw new InvalidOperationException("Not today.");
        await Task.Yield();
        Journal.Add("activated");
    }

    public Task CallAsync()
    {
        Journal.Add("call");
        return Task.CompletedTask;
    }

    public Task<SiloAddress> InjectedSiloAsync() => Task.FromResult(_stamp.Silo);
}
