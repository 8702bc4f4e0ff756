using System.Reflection;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime;

/// <summary>Makes references and calls; a silo and a client differ in where messages go.</summary>
internal abstract class GrainCallRuntime(ApplicationModel application, PendingCalls pending, CallBody bodies, IEnumerable<IOutgoingGrainCallFilter> filters, TimeProvider time) : IGrainReferenceRuntime
{
    private readonly IOutgoingGrainCallFilter[] _filters = [.. filters];

    protected CallBody Bodies => bodies;

    /// <summary>Who calls: the current grain, or the host itself.</summary>
    protected abstract GrainId Caller { get; }

    protected abstract SiloAddress? OwnSilo { get; }

    protected abstract TimeSpan ResponseTimeout { get; }

    public object CreateReference(GrainId grainId, Type interfaceType)
    {
        var reference = (GrainReference)DispatchProxy.Create(interfaceType, typeof(GrainReference));
        reference.Bind(this, application.Interface(interfaceType), grainId);
        return reference;
    }

    public object CreateReference(GrainId grainId, GrainInterfaceType interfaceType) =>
        CreateReference(grainId, application.Interface(interfaceType)?.Type ?? typeof(IAddressable));

    public object? Invoke(GrainReference reference, GrainMethodModel method, object?[] arguments)
    {
        var result = method.Result!.NewCall();
        if (_filters.Length == 0)
            Start(reference, method, arguments, result);
        else
            _ = FilterAsync(reference, method, arguments, result);
        return result.ReturnValue;
    }

    /// <summary>Tells the target of an abandoned call that nobody waits any more.</summary>
    protected void SendCancel(PendingCall call)
    {
        try
        {
            Send(new Message
            {
                Kind = MessageKind.Cancel,
                Id = call.Request.Id,
                Target = call.Request.Target,
                Sender = call.Request.Sender,
                SendingSilo = OwnSilo,
                ReceivedAt = time.GetTimestamp(),
            });
        }
        catch (ConnectionFailedException)
        {
            // The word cannot get there. The caller's own wait ends all the same.
        }
    }

    /// <summary>Sends a request: <paramref name="arguments"/> are to be copied or written. Throws when they cannot be.</summary>
    protected abstract void SendRequest(Message request, GrainMethodModel method, object?[] arguments);

    protected abstract void Send(Message message);

    private async Task FilterAsync(GrainReference reference, GrainMethodModel method, object?[] arguments, CallResult result)
    {
        try
        {
            var context = new OutgoingCallContext(_filters, reference, method, arguments, RuntimeContext.Current, () =>
            {
                var call = new CallResult<object?>(static task => task);
                Start(reference, method, arguments, call);
                return call.Task;
            });
            await context.Invoke().ConfigureAwait(true);
            result.TrySetResult(context.Result);
        }
        catch (Exception exception)
        {
            result.TrySetException(exception);
        }
    }

    private void Start(GrainReference reference, GrainMethodModel method, object?[] arguments, CallResult result)
    {
        var token = method.CancellationIndex < 0 ? default : (CancellationToken)arguments[method.CancellationIndex]!;
        if (token.IsCancellationRequested)
        {
            result.TrySetCanceled(token);
            return;
        }

        var timeout = method.Timeout ?? ResponseTimeout;
        var id = pending.NextId();
        try
        {
            var request = NewRequest(id, reference, method, timeout);
            if (method.OneWay)
            {
                SendRequest(request, method, arguments);
                result.TrySetResult(null);
                return;
            }

            var call = new PendingCall(request, method, result, timeout);
            pending.Add(call);
            if (token.CanBeCanceled)
                call.Cancellation = token.UnsafeRegister(_ => Cancel(call, token), null);
            SendRequest(request, method, arguments);
        }
        catch (Exception exception)
        {
            pending.Take(id);
            result.TrySetException(exception);
        }
    }

    private Message NewRequest(Guid id, GrainReference reference, GrainMethodModel method, TimeSpan timeout) => new()
    {
        Kind = method.OneWay ? MessageKind.OneWay : MessageKind.Request,
        Id = id,
        Target = reference.GrainId,
        Sender = Caller,
        SendingSilo = OwnSilo,
        Interface = reference.Interface.WireName,
        Method = method.WireName,
        Context = bodies.CopyContext(RequestContext.Snapshot()),
        TimeToLive = timeout,
        ReceivedAt = time.GetTimestamp(),
    };

    private void Cancel(PendingCall call, CancellationToken token)
    {
        if (pending.Take(call.Request.Id) is null)
            return;
        SendCancel(call);
        call.Result.TrySetCanceled(token);
    }
}
