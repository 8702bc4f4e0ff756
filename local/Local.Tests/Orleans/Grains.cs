using Orleans;
using Orleans.Placement;
using Orleans.Runtime;

namespace Local.Tests.Orleans;

[Alias("Local.Tests.IProbe")]
public interface IProbe : IGrainWithStringKey
{
    [Alias("Add")]
    Task<int> Add(int value);

    [Alias("Where")]
    Task<SiloAddress> Where();

    [Alias("Echo")]
    Task<int[]> Echo(int[] values);

    [Alias("Fail")]
    Task Fail(string message);

    [Alias("Slow")]
    Task Slow(int milliseconds, CancellationToken ct);

    [Alias("MoveTo")]
    Task MoveTo(SiloAddress silo);

    [Alias("Nothing")]
    Task Nothing();

    [Alias("CallOther")]
    Task<int> CallOther(string other, int value);
}

[GrainType("probe")]
[RandomPlacement]
public sealed class ProbeGrain(ILocalSiloDetails silo) : Grain, IProbe, IGrainMigrationParticipant
{
    private int _sum;

    public Task<int> Add(int value) => Task.FromResult(_sum += value);

    public Task<SiloAddress> Where() => Task.FromResult(silo.SiloAddress);

    public Task<int[]> Echo(int[] values)
    {
        values[0] = -1;
        return Task.FromResult(values);
    }

    public Task Fail(string message) => throw new InvalidOperationException(message);

    public Task Slow(int milliseconds, CancellationToken ct) => Task.Delay(milliseconds, ct);

    public Task MoveTo(SiloAddress target)
    {
        RequestContext.Set(global::Orleans.Runtime.Placement.IPlacementDirector.PlacementHintKey, target);
        MigrateOnIdle();
        return Task.CompletedTask;
    }

    public Task Nothing() => Task.CompletedTask;

    public Task<int> CallOther(string other, int value) => GrainFactory.GetGrain<IProbe>(other).Add(value);

    public void OnDehydrate(IDehydrationContext dehydrationContext) => dehydrationContext.TryAddValue("sum", _sum);

    public void OnRehydrate(IRehydrationContext rehydrationContext) => rehydrationContext.TryGetValue("sum", out _sum);
}
