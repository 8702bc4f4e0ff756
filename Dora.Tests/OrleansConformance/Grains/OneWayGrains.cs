using Orleans.Concurrency;

namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.IOneWayGrain")]
public interface IOneWayGrain : IConformanceGrain
{
    [Alias("Tell")]
    [OneWay]
    Task TellAsync(Box box);

    [Alias("TellAndFail")]
    [OneWay]
    Task TellAndFailAsync();
}

[HintedPlacement]
internal sealed class OneWayGrain : ConformanceGrain, IOneWayGrain
{
    public async Task TellAsync(Box box)
    {
        await Gate.PassAsync();
        Journal.Add($"told {box.Label}");
    }

    public Task TellAndFailAsync()
    {
        Journal.Add("failing");
        throw new InvalidOperationException("Nobody hears this.");
    }
}
