using Orleans.Concurrency;

namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.ITimerGrain")]
public interface ITimerGrain : IConformanceGrain
{
    /// <summary>Starts a timer whose ticks write its name; with a gate, each tick passes it.</summary>
    [Alias("Start")]
    Task StartAsync(string name, TimeSpan due, TimeSpan period, bool interleave = false, string? gate = null);

    [Alias("StartFailing")]
    Task StartFailingAsync(TimeSpan period);

    [Alias("Change")]
    Task ChangeAsync(string name, TimeSpan due, TimeSpan period);

    [Alias("Dispose")]
    Task DisposeAsync(string name);

    /// <summary>Starts a timer whose first tick calls another grain and deactivates this one.</summary>
    [Alias("StartFarewell")]
    Task StartFarewellAsync(string other);

    /// <summary>Stays in the turn until the gate opens.</summary>
    [Alias("Hold")]
    Task HoldAsync(string gate);

    [Alias("MostAtOnce")]
    [AlwaysInterleave]
    Task<int> MostAtOnceAsync();
}

[HintedPlacement]
internal sealed class TimerGrain : ConformanceGrain, ITimerGrain
{
    /// <summary>The key of a grain that starts a timer in its activation, and is then held by the gate.</summary>
    internal const string AtActivation = "at-activation";

    private readonly Dictionary<string, IGrainTimer> _timers = new(StringComparer.Ordinal);
    private int _inside;
    private int _most;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (!Key.StartsWith(AtActivation, StringComparison.Ordinal))
            return;
        await StartAsync("early", TimeSpan.Zero, TimeSpan.FromMilliseconds(5));
        await StartAsync("early interleaved", TimeSpan.Zero, TimeSpan.FromMilliseconds(5), interleave: true);
        await Gate.PassAsync(cancellationToken);
        Journal.Add("activated");
    }

    public Task StartAsync(string name, TimeSpan due, TimeSpan period, bool interleave = false, string? gate = null)
    {
        TaskScheduler own = TaskScheduler.Current;
        var options = new GrainTimerCreationOptions(due, period) { Interleave = interleave };
        _timers[name] = this.RegisterGrainTimer(
            async (state, cancellationToken) =>
            {
                _most = Math.Max(_most, ++_inside);
                if (TaskScheduler.Current != own)
                    Journal.Add("wrong scheduler");
                Journal.Add(state);
                if (gate is not null)
                    await Gate.Of(gate).PassAsync(cancellationToken);
                await Task.Yield();
                _inside--;
            },
            name,
            options);
        return Task.CompletedTask;
    }

    public Task StartFailingAsync(TimeSpan period)
    {
        this.RegisterGrainTimer(
            () =>
            {
                Journal.Add("failing");
                throw new InvalidOperationException("This tick fails.");
            },
            TimeSpan.Zero,
            period);
        return Task.CompletedTask;
    }

    public Task ChangeAsync(string name, TimeSpan due, TimeSpan period)
    {
        _timers[name].Change(due, period);
        return Task.CompletedTask;
    }

    public Task DisposeAsync(string name)
    {
        _timers[name].Dispose();
        return Task.CompletedTask;
    }

    public Task StartFarewellAsync(string other)
    {
        this.RegisterGrainTimer(
            async () =>
            {
                Journal.Add($"called {await GrainFactory.GetGrain<ITimerGrain>(other).MostAtOnceAsync()}");
                DeactivateOnIdle();
            },
            TimeSpan.Zero,
            Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task HoldAsync(string gate) => Gate.Of(gate).PassAsync();

    public Task<int> MostAtOnceAsync() => Task.FromResult(_most);

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        Journal.Add("deactivated");
        return Task.CompletedTask;
    }
}
