namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.IContextGrain")]
public interface IContextGrain : IConformanceGrain
{
    /// <summary>The text of the entry, or null.</summary>
    [Alias("Get")]
    Task<string?> GetAsync(string name);

    [Alias("GetThrough")]
    Task<string?> GetThroughAsync(string other, string name);

    /// <summary>Sets the entry in the grain.</summary>
    [Alias("Set")]
    Task SetAsync(string name, string value);

    /// <summary>The entry before and after a pass through the gate.</summary>
    [Alias("GetTwice")]
    Task<string[]> GetTwiceAsync(string name);
}

[HintedPlacement]
internal sealed class ContextGrain : ConformanceGrain, IContextGrain
{
    public Task<string?> GetAsync(string name) => Task.FromResult(RequestContext.Get(name)?.ToString());

    public Task<string?> GetThroughAsync(string other, string name)
    {
        RequestContext.Set("added", "by the first grain");
        return GrainFactory.GetGrain<IContextGrain>(other).GetAsync(name);
    }

    public Task SetAsync(string name, string value)
    {
        RequestContext.Set(name, value);
        return Task.CompletedTask;
    }

    public async Task<string[]> GetTwiceAsync(string name)
    {
        string before = $"{RequestContext.Get(name)}";
        await Gate.PassAsync();
        return [before, $"{RequestContext.Get(name)}"];
    }
}
