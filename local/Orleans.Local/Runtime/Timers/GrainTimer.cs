using Microsoft.Extensions.Logging;
using Orleans.Timers;

namespace Orleans.Runtime;

/// <summary>Makes timers of activations.</summary>
internal sealed class TimerRegistry : ITimerRegistry
{
    public IGrainTimer RegisterGrainTimer<TState>(IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new GrainTimer((Activation)grainContext, ct => callback(state, ct), options);
        timer.Change(options.DueTime, options.Period);
        return timer;
    }
}

/// <summary>A timer of an activation. A tick queues like a call; the next one is set when it is done.</summary>
internal sealed class GrainTimer : ActivationWork, IGrainTimer
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopped = new();
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly ITimer _timer;
    private TimeSpan _period;
    private bool _isTicking;
    private bool _wasChanged;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        var restore = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        _timer = activation.Shared.Time.CreateTimer(static timer => ((GrainTimer)timer!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        restore?.Undo();
        if (!activation.TryAddTimer(this))
            Dispose();
    }

    public override bool AlwaysInterleave => _options.Interleave;

    public override bool ReadOnly => false;

    public override Guid Chain => Guid.Empty;

    public override bool KeepsAlive => _options.KeepAlive;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Validate(dueTime, nameof(dueTime));
        Validate(period, nameof(period));
        lock (_lock)
        {
            if (_stopped.IsCancellationRequested)
                return;
            _period = period;
            _wasChanged = true;
            _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public override async Task RunAsync()
    {
        lock (_lock)
            _wasChanged = false;
        try
        {
            RequestContext.Clear();
            if (!_stopped.IsCancellationRequested)
                await _callback(_stopped.Token).ConfigureAwait(true);
        }
        catch (Exception exception)
        {
            _activation.Shared.Parts.Log.LogError(exception, "A timer of {Grain} failed; it goes on ticking.", _activation.GrainId);
        }

        lock (_lock)
        {
            _isTicking = false;
            if (!_wasChanged && !_stopped.IsCancellationRequested)
                _timer.Change(_period, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            if (_stopped.IsCancellationRequested)
                return;
            _timer.Dispose();
        }

        _stopped.Cancel();
        _activation.RemoveTimer(this);
    }

    private static void Validate(TimeSpan time, string name)
    {
        if (time != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero, name);
    }

    private void Tick()
    {
        lock (_lock)
        {
            if (_isTicking || _stopped.IsCancellationRequested)
                return;
            _isTicking = true;
        }

        _activation.Receive(this);
    }
}
