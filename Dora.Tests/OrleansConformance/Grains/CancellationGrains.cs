namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.ICancelGrain")]
public interface ICancelGrain : IConformanceGrain
{
    /// <summary>Waits at the gate until it opens or the token is cancelled.</summary>
    [Alias("Wait")]
    Task WaitAsync(CancellationToken cancellationToken);

    /// <summary>The same, but the caller waits half a second only.</summary>
    [Alias("WaitBriefly")]
    [ResponseTimeout("00:00:00.500")]
    Task WaitBrieflyAsync(CancellationToken cancellationToken);

    /// <summary>Waits at the gate, whatever the token says.</summary>
    [Alias("Ignore")]
    Task IgnoreAsync(CancellationToken cancellationToken);

    /// <summary>Has another grain wait.</summary>
    [Alias("WaitThrough")]
    Task WaitThroughAsync(string other, CancellationToken cancellationToken);

    [Alias("CanBeCanceled")]
    Task<bool> IsCanceledAsync(CancellationToken cancellationToken = default);
}

[HintedPlacement]
internal sealed class CancelGrain : ConformanceGrain, ICancelGrain
{
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        Journal.Add("called");
        try
        {
            await Gate.PassAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            Journal.Add("cancelled");
            throw;
        }
    }

    public Task WaitBrieflyAsync(CancellationToken cancellationToken) => WaitAsync(cancellationToken);

    public async Task IgnoreAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration noted = cancellationToken.Register(() => Journal.Add("token cancelled"));
        await Gate.PassAsync(CancellationToken.None);
    }

    public Task WaitThroughAsync(string other, CancellationToken cancellationToken) =>
        GrainFactory.GetGrain<ICancelGrain>(other).WaitAsync(cancellationToken);

    public Task<bool> IsCanceledAsync(CancellationToken cancellationToken = default) => Task.FromResult(cancellationToken.IsCancellationRequested);
}
