namespace Orleans.Runtime;

/// <summary>Something that takes turns in an activation: a call or a timer's tick.</summary>
internal abstract class ActivationWork
{
    public abstract bool AlwaysInterleave { get; }

    public abstract bool ReadOnly { get; }

    /// <summary>The call chain that may re-enter the activation.</summary>
    public abstract Guid Chain { get; }

    /// <summary>The activation stays alive for it.</summary>
    public abstract bool KeepsAlive { get; }

    /// <summary>Runs on the activation's scheduler; never throws.</summary>
    public abstract Task RunAsync();

    /// <summary>Runs in the same turn, after the activation has noted the end of the work.</summary>
    public virtual void Complete()
    {
        // A tick has nobody to tell.
    }
}

/// <summary>A call to an activation.</summary>
internal sealed class CallWork : ActivationWork, IDisposable
{
    private readonly Activation _activation;
    private readonly GrainMethodModel? _method;
    private readonly GrainInterfaceModel? _interface;
    private readonly CancellationTokenSource? _cancellation;
    private object? _value;
    private Exception? _failure;
    private bool _isDone;

    public CallWork(Activation activation, Message message)
    {
        _activation = activation;
        Message = message;
        _interface = activation.Shared.Application.Interface(message.Interface);
        _method = _interface?.Method(message.Method);
        if (_method?.CancellationIndex >= 0)
            _cancellation = new CancellationTokenSource();
    }

    public Message Message { get; }

    public override bool AlwaysInterleave => _method?.AlwaysInterleave ?? false;

    public override bool ReadOnly => _method?.ReadOnly ?? false;

    public override Guid Chain => Message.Context is { } context && context.TryGetValue(RequestContext.CallChainKey, out var id) && id is Guid chain ? chain : Guid.Empty;

    public override bool KeepsAlive => true;

    /// <summary>On the activation's scheduler.</summary>
    public void Cancel()
    {
        if (!_isDone)
            _cancellation?.Cancel();
    }

    public void Dispose() => _cancellation?.Dispose();

    public override async Task RunAsync()
    {
        var shared = _activation.Shared;
        if (_method is null || shared.IsExpired(Message))
            return;
        RequestContext.Import(Message.Context);
        try
        {
            _value = await InvokeAsync(shared).ConfigureAwait(true);
        }
        catch (Exception exception)
        {
            _failure = Unwrap(exception);
        }

        _isDone = true;
    }

    // A caller that has its answer finds the activation free.
    public override void Complete()
    {
        var center = _activation.Shared.Center;
        if (_method is null)
            center.Reject(Message, new OrleansMessageRejectionException($"{Message.Target} has no method {Message.Interface}.{Message.Method}."));
        else if (_failure is not null)
            center.ReplyError(Message, _failure);
        else if (_isDone)
            center.Reply(Message, _method, _value);
    }

    private static Exception Unwrap(Exception exception) => exception is System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : exception;

    private async ValueTask<object?> InvokeAsync(ActivationShared shared)
    {
        var arguments = Message.LocalArguments ?? shared.Bodies.ReadArguments(_method!, Message.Body);
        if (_cancellation is not null)
            arguments[_method!.CancellationIndex] = _cancellation.Token;
        var instance = _activation.GrainInstance!;
        if (shared.IncomingFilters.Length > 0 || instance is IIncomingGrainCallFilter)
        {
            var context = new IncomingCallContext(shared.IncomingFilters, _activation, Message.Sender, _interface!, _method!, arguments);
            await context.Invoke().ConfigureAwait(true);
            return context.Result;
        }

        var target = _method!.Method.DeclaringType!.IsInstanceOfType(instance) ? instance : _activation;
        return await _method.Result!.AwaitAsync(_method.Invoke(target, arguments)).ConfigureAwait(true);
    }
}
