using Orleans.Concurrency;

namespace Dora.Tests.OrleansFacts.Grains;

/// <summary>What every grain of the suite answers.</summary>
[Alias("Dora.Tests.IFactGrain")]
public interface IFactGrain : IGrainWithStringKey
{
    /// <summary>Interleaves with everything, so it is answered even while the grain is held by a gate.</summary>
    [Alias("Where")]
    [AlwaysInterleave]
    Task<SiloAddress> WhereAsync();

    /// <summary>A number that no other instance of any grain has.</summary>
    [Alias("Instance")]
    [AlwaysInterleave]
    Task<int> InstanceAsync();

    [Alias("Deactivate")]
    Task DeactivateAsync();
}

internal abstract class FactGrain : Grain, IFactGrain
{
    private static int _instances;

    protected int Instance { get; } = Interlocked.Increment(ref _instances);

    protected string Key => this.GetPrimaryKeyString();

    protected Journal Journal => Journal.Of(Key);

    protected Gate Gate => Gate.Of(Key);

    public Task<SiloAddress> WhereAsync() => Task.FromResult(GrainContext.Address.SiloAddress!);

    public Task<int> InstanceAsync() => Task.FromResult(Instance);

    public Task DeactivateAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
