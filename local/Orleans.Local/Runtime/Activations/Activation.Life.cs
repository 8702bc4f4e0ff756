using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <content>Activation, deactivation and migration.</content>
internal sealed partial class Activation
{
    private Leave? _leave;

    /// <summary>Starts activating. Calls wait meanwhile.</summary>
    public void Start(Dictionary<string, object>? requestContext, MigrationState? migration) =>
        _scheduler.Post(_ => _ = ActivateAsync(requestContext, migration), null);

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default) => BeginLeave(new Leave(deactivationReason, null));

    public void Migrate(Dictionary<string, object>? requestContext, CancellationToken cancellationToken = default) =>
        BeginLeave(new Leave(new DeactivationReason(DeactivationReasonCode.Migrating, "Migrating to another silo."), new MigrationRequest(requestContext)));

    private async Task ActivateAsync(Dictionary<string, object>? requestContext, MigrationState? migration)
    {
        using var timeout = new CancellationTokenSource(Shared.Collection.ActivationTimeout, Shared.Time);
        try
        {
            RequestContext.Import(requestContext);
            GrainInstance = Model.CreateInstance(ActivationServices);
            if (Model.Placement.IsUsingGrainDirectory)
            {
                var winner = await Shared.Parts.Directory.RegisterAsync(Address, migration?.Previous, timeout.Token).ConfigureAwait(true);
                if (winner.ActivationId != ActivationId)
                {
                    await EndAsync(null).ConfigureAwait(true);
                    migration?.Settled(accepted: false);
                    return;
                }
            }

            migration?.Settled(accepted: true);
            if (migration is not null)
                HandOver(migration.Values, _lifecycle.Rehydrate);
            await _lifecycle.StartAsync(timeout.Token).ConfigureAwait(true);
            await ((IGrainBase)GrainInstance).OnActivateAsync(timeout.Token).ConfigureAwait(true);
        }
        catch (Exception exception)
        {
            Shared.Parts.Log.LogWarning(exception, "Activating {Grain} failed.", GrainId);
            migration?.Settled(accepted: false);
            await EndAsync(exception).ConfigureAwait(true);
            return;
        }

        lock (_lock)
        {
            _state = ActivationState.Active;
            _lastActive = Shared.Time.GetTimestamp();
            if (_leave is not null)
                StartLeaving();
            else
                Pump();
        }
    }

    private void BeginLeave(Leave leave)
    {
        lock (_lock)
        {
            if (_leave is not null || _state >= ActivationState.Deactivating)
                return;
            _leave = leave;
            if (_state == ActivationState.Active && _queue.RunningCount == 0)
                StartLeaving();
        }
    }

    // The lock is held.
    private void StartLeaving()
    {
        if (_state >= ActivationState.Deactivating)
            return;
        _state = ActivationState.Deactivating;
        _scheduler.Post(static state => _ = ((Activation)state!).LeaveAsync(), this);
    }

    private async Task LeaveAsync()
    {
        var leave = _leave!;
        StopTimers();
        RequestContext.Clear();
        using var timeout = new CancellationTokenSource(Shared.Collection.DeactivationTimeout, Shared.Time);
        SiloAddress? destination = null;
        try
        {
            // A grain whose OnDeactivateAsync fails does not move: its state may be half changed.
            await ((IGrainBase)GrainInstance!).OnDeactivateAsync(leave.Reason, timeout.Token).ConfigureAwait(true);
            await _lifecycle.StopAsync(timeout.Token).ConfigureAwait(true);
            if (leave.Migration is { } migration)
                destination = await Shared.Parts.Migration.ChooseDestinationAsync(this, migration.RequestContext).ConfigureAwait(true);
        }
        catch (Exception exception)
        {
            Shared.Parts.Log.LogWarning(exception, "Deactivating {Grain} failed.", GrainId);
        }

        if (destination is not null)
        {
            var state = Shared.Parts.Migration.NewState();
            HandOver(state, _lifecycle.Dehydrate);
            await Shared.Parts.Migration.MoveAsync(this, destination, state).ConfigureAwait(true);
        }

        await EndAsync(null).ConfigureAwait(true);
    }

    // A grain that cannot pack or unpack its state still moves, without it.
    private void HandOver(MigrationValues state, Action<object, MigrationValues> participants)
    {
        try
        {
            participants(GrainInstance!, state);
        }
        catch (Exception exception)
        {
            Shared.Parts.Log.LogError(exception, "{Grain} moves without (all of) its state.", GrainId);
        }
    }

    private void StopTimers()
    {
        IDisposable[] timers;
        lock (_lock)
            timers = [.. _timers];
        foreach (var timer in timers)
            timer.Dispose();
    }

    /// <summary>Leaves the silo: waiting calls fail with the reason, or look for the grain's next activation.</summary>
    private async Task EndAsync(Exception? failure)
    {
        StopTimers();
        if (Model.Placement.IsUsingGrainDirectory)
            await Shared.Parts.Directory.UnregisterAsync(Address).ConfigureAwait(true);
        List<ActivationWork> waiting;
        lock (_lock)
        {
            _state = ActivationState.Gone;
            waiting = _queue.TakeAllWaiting();
        }

        Shared.Parts.Catalog.Remove(this);
        foreach (var call in waiting.OfType<CallWork>())
        {
            if (failure is null)
                Shared.Center.Forward(call.Message);
            else
                Shared.Center.Reject(call.Message, failure);
        }

        await DisposeInstanceAsync().ConfigureAwait(true);
        _deactivated.TrySetResult();
    }

    private async Task DisposeInstanceAsync()
    {
        try
        {
            if (GrainInstance is IAsyncDisposable asyncDisposable)
                await asyncDisposable.DisposeAsync().ConfigureAwait(true);
            else
                (GrainInstance as IDisposable)?.Dispose();
            await _scope.DisposeAsync().ConfigureAwait(true);
        }
        catch (Exception exception)
        {
            Shared.Parts.Log.LogWarning(exception, "Disposing {Grain} failed.", GrainId);
        }
    }

    private sealed record Leave(DeactivationReason Reason, MigrationRequest? Migration);

    private sealed record MigrationRequest(Dictionary<string, object>? RequestContext);
}
