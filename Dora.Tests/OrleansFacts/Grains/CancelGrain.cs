namespace Dora.Tests.OrleansFacts.Grains;

[Alias("Dora.Tests.ICancelGrain")]
public interface ICancelGrain : IFactGrain
{
    /// <summary>Waits at the gate until it opens or the token is cancelled.</summary>
    [Alias("Wait")]
    Task WaitAsync(CancellationToken cancellationToken);

    /// <summary>Waits at the gate, whatever the token says.</summary>
    [Alias("Ignore")]
    Task IgnoreAsync(CancellationToken cancellationToken);

    [Alias("CanBeCanceled")]
    Task<bool> IsCanceledAsync(CancellationToken cancellationToken = default);
}

[HintedPlacement]
internal sealed class CancelGrain : FactGrain, ICancelGrain
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

    public async Task IgnoreAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration noted = cancellationToken.Register(() => Journal.Add("token cancelled"));
        await Gate.PassAsync(CancellationToken.None);
    }

    public Task<bool> IsCanceledAsync(CancellationToken cancellationToken = default) => Task.FromResult(cancellationToken.IsCancellationRequested);
}
