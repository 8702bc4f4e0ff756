namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.IIdleGrain")]
public interface IIdleGrain : IConformanceGrain
{
    [Alias("Hold")]
    Task HoldAsync();

    [Alias("Delay")]
    Task DelayAsync(TimeSpan delay);

    /// <summary>Starts a timer that does not keep the grain alive.</summary>
    [Alias("StartTimer")]
    Task StartTimerAsync();
}

[HintedPlacement]
internal sealed class IdleGrain : ConformanceGrain, IIdleGrain
{
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Journal.Add($"deactivated {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task HoldAsync() => Gate.PassAsync();

    public Task DelayAsync(TimeSpan delay)
    {
        DelayDeactivation(delay);
        return Task.CompletedTask;
    }

    public Task StartTimerAsync()
    {
        this.RegisterGrainTimer(
            () =>
            {
                Journal.Add("tick");
                return Task.CompletedTask;
            },
            new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = TimeSpan.FromMilliseconds(5), KeepAlive = false });
        return Task.CompletedTask;
    }
}

[Alias("Dora.Tests.IKeptGrain")]
public interface IKeptGrain : IConformanceGrain;

/// <summary>Is never collected.</summary>
[HintedPlacement]
[KeepAlive]
internal sealed class KeptGrain : ConformanceGrain, IKeptGrain;
