using Orleans.Concurrency;

namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.IInterleaveGrain")]
public interface IInterleaveGrain : IConformanceGrain
{
    [Alias("Normal")]
    Task NormalAsync(string gate);

    [Alias("Always")]
    [AlwaysInterleave]
    Task AlwaysAsync(string gate);

    [Alias("Read")]
    [ReadOnly]
    Task ReadAsync(string gate);
}

[HintedPlacement]
internal sealed class InterleaveGrain : ConformanceGrain, IInterleaveGrain
{
    public Task NormalAsync(string gate) => Gate.Of(gate).PassAsync();

    public Task AlwaysAsync(string gate) => Gate.Of(gate).PassAsync();

    public Task ReadAsync(string gate) => Gate.Of(gate).PassAsync();
}

/// <summary>Calls its partner, which calls back.</summary>
[Alias("Dora.Tests.ICycleGrain")]
public interface ICycleGrain : IConformanceGrain
{
    [Alias("Call")]
    [ResponseTimeout("00:00:01")]
    Task<string> CallAsync(string partner, bool allowReentrancy);

    [Alias("CallHeld")]
    Task<string> CallHeldAsync(string partner, string gate);

    [Alias("CallBack")]
    [ResponseTimeout("00:00:01")]
    Task<string> CallBackAsync(string caller);

    [Alias("CallBackHeld")]
    Task<string> CallBackHeldAsync(string caller, string gate);

    [Alias("Answer")]
    [ResponseTimeout("00:00:01")]
    Task<string> AnswerAsync();

    [Alias("CallSelf")]
    [ResponseTimeout("00:00:01")]
    Task<string> CallSelfAsync(bool allowReentrancy);
}

[HintedPlacement]
internal sealed class CycleGrain : ConformanceGrain, ICycleGrain
{
    public async Task<string> CallAsync(string partner, bool allowReentrancy)
    {
        if (!allowReentrancy)
            return await GrainFactory.GetGrain<ICycleGrain>(partner).CallBackAsync(Key);
        using (RequestContext.AllowCallChainReentrancy())
            return await GrainFactory.GetGrain<ICycleGrain>(partner).CallBackAsync(Key);
    }

    public async Task<string> CallHeldAsync(string partner, string gate)
    {
        using (RequestContext.AllowCallChainReentrancy())
            return await GrainFactory.GetGrain<ICycleGrain>(partner).CallBackHeldAsync(Key, gate);
    }

    public Task<string> CallBackAsync(string caller) => GrainFactory.GetGrain<ICycleGrain>(caller).AnswerAsync();

    public async Task<string> CallBackHeldAsync(string caller, string gate)
    {
        await Gate.Of(gate).PassAsync();
        return await GrainFactory.GetGrain<ICycleGrain>(caller).AnswerAsync();
    }

    public Task<string> AnswerAsync()
    {
        Journal.Add("answer");
        return Task.FromResult(Key);
    }

    public async Task<string> CallSelfAsync(bool allowReentrancy)
    {
        var self = this.AsReference<ICycleGrain>();
        if (!allowReentrancy)
            return await self.AnswerAsync();
        using (RequestContext.AllowCallChainReentrancy())
            return await self.AnswerAsync();
    }
}
