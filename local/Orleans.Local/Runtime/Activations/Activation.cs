using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Core.Internal;

namespace Orleans.Runtime;

/// <summary>One activation of a grain: its instance, its scheduler, its queue of calls and its life.</summary>
internal sealed partial class Activation : IGrainContext, IActivationControl, IGrainManagementExtension
{
    private readonly Lock _lock = new();
    private readonly ActivationQueue _queue;
    private readonly ActivationScheduler _scheduler;
    private readonly ActivationLifecycle _lifecycle = new();
    private readonly TaskCompletionSource _deactivated = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<IDisposable> _timers = [];
    private readonly AsyncServiceScope _scope;
    private GrainReference? _reference;
    private ActivationState _state = ActivationState.Creating;
    private long _lastActive;
    private TimeSpan _keepAlive;

    public Activation(ActivationShared shared, GrainClassModel model, GrainAddress address)
    {
        Shared = shared;
        Model = model;
        Address = address;
        _queue = new ActivationQueue(model.IsReentrant);
        _scheduler = new ActivationScheduler(this);
        _scope = shared.Services.CreateAsyncScope();
        _lastActive = shared.Time.GetTimestamp();
    }

    private enum ActivationState
    {
        Creating,
        Active,
        Deactivating,
        Gone,
    }

    public ActivationShared Shared { get; }

    public GrainClassModel Model { get; }

    public GrainAddress Address { get; }

    public GrainId GrainId => Address.GrainId;

    public ActivationId ActivationId => Address.ActivationId;

    public object? GrainInstance { get; private set; }

    public IServiceProvider ActivationServices => _scope.ServiceProvider;

    public IGrainLifecycle ObservableLifecycle => _lifecycle;

    public Task Deactivated => _deactivated.Task;

    public GrainReference GrainReference => _reference ??= (GrainReference)Shared.Parts.Calls.CreateReference(GrainId, typeof(IAddressable));

    /// <summary>The load, for choosing among the activations of a stateless worker.</summary>
    public int CallCount
    {
        get
        {
            lock (_lock)
                return _queue.RunningCount + _queue.WaitingCount;
        }
    }

    public bool IsGone
    {
        get
        {
            lock (_lock)
                return _state == ActivationState.Gone;
        }
    }

    /// <summary>Listed in the directory, or about to be.</summary>
    public bool IsHosting
    {
        get
        {
            lock (_lock)
                return _state < ActivationState.Deactivating;
        }
    }

    public bool Equals(IGrainContext? other) => ReferenceEquals(this, other);

    public override bool Equals(object? obj) => ReferenceEquals(this, obj);

    public override int GetHashCode() => Address.GetHashCode();

    public override string ToString() => $"{GrainId}{ActivationId} {_state}";

    /// <summary>Takes a call; false when the activation is gone and the call must look for another one.</summary>
    public bool TryReceive(Message message)
    {
        var limit = Shared.Messaging.MaxEnqueuedRequestsHardLimit;
        lock (_lock)
        {
            if (_state == ActivationState.Gone)
                return false;
            if (limit <= 0 || _queue.WaitingCount < limit)
            {
                _queue.Add(new CallWork(this, message));
                Pump();
                return true;
            }
        }

        Shared.Center.Reject(message, new OrleansMessageRejectionException($"{GrainId} has {limit} calls waiting: it is overloaded."));
        return true;
    }

    public void Receive(ActivationWork work)
    {
        lock (_lock)
        {
            if (_state >= ActivationState.Deactivating)
                return;
            _queue.Add(work);
            Pump();
        }
    }

    /// <summary>The caller gave up: the waiting call is dropped, the running one's token cancelled.</summary>
    public void Cancel(Guid id)
    {
        CallWork? call;
        lock (_lock)
        {
            call = _queue.All.OfType<CallWork>().FirstOrDefault(work => work.Message.Id == id);
            if (call is null || _queue.Remove(call))
                return;
        }

        _scheduler.Post(static state => ((CallWork)state!).Cancel(), call);
    }

    public void EnterReentrantSection(Guid chain)
    {
        lock (_lock)
        {
            _queue.OpenChain(chain);
            Pump();
        }
    }

    public void ExitReentrantSection(Guid chain)
    {
        lock (_lock)
            _queue.CloseChain(chain);
    }

    public void DelayDeactivation(TimeSpan time)
    {
        lock (_lock)
        {
            _lastActive = Shared.Time.GetTimestamp();
            _keepAlive = time == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : time;
        }
    }

    /// <summary>Idle for at least that long, with nothing to do.</summary>
    public bool IsIdleFor(TimeSpan age)
    {
        lock (_lock)
            return _state == ActivationState.Active && _queue.RunningCount + _queue.WaitingCount == 0 && Shared.Time.GetElapsedTime(_lastActive) >= (age > _keepAlive ? age : _keepAlive);
    }

    public ValueTask DeactivateOnIdle()
    {
        Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationRequested, "DeactivateOnIdle was called."));
        return ValueTask.CompletedTask;
    }

    public ValueTask MigrateOnIdle()
    {
        Migrate(RequestContext.Snapshot());
        return ValueTask.CompletedTask;
    }

    /// <summary>The timer stops when the activation leaves. False when it is leaving already.</summary>
    public bool TryAddTimer(IDisposable timer)
    {
        lock (_lock)
            return _state < ActivationState.Deactivating && _timers.Add(timer);
    }

    public void RemoveTimer(IDisposable timer)
    {
        lock (_lock)
            _timers.Remove(timer);
    }

    // Starts what may start. The lock is held: starting only queues a turn.
    private void Pump()
    {
        if (_state != ActivationState.Active || _leave is not null)
            return;
        while (_queue.TakeStartable() is { } work)
            _scheduler.Post(static state => _ = ((Turn)state!).RunAsync(), new Turn(this, work));
    }

    private void Finished(ActivationWork work)
    {
        lock (_lock)
        {
            _queue.Finished(work);
            if (work.KeepsAlive)
                _lastActive = Shared.Time.GetTimestamp();
            if (_leave is not null && _queue.RunningCount == 0)
                StartLeaving();
            else
                Pump();
        }
    }

    private sealed class Turn(Activation activation, ActivationWork work)
    {
        public async Task RunAsync()
        {
            try
            {
                await work.RunAsync().ConfigureAwait(true);
            }
            catch (Exception exception)
            {
                activation.Shared.Parts.Log.LogError(exception, "A turn of {Grain} failed.", activation.GrainId);
            }
            finally
            {
                activation.Finished(work);
                work.Complete();
            }
        }
    }
}
