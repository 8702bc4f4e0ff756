using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>Brings messages to the activations of this silo, to other silos and to connected clients.</summary>
internal sealed class MessageCenter(SiloCore core, IGrainMessageTransport transport, MessageCodec codec, SystemCalls system, ActivationCatalog catalog, GrainLocator locator, ILogger<MessageCenter> log)
    : IGrainMessageReceiver
{
    private readonly ConcurrentDictionary<GrainId, byte> _clients = new();
    private int _clientCalls;

    public GrainLocator Locator => locator;

    private SiloAddress Local => core.Local.SiloAddress;

    /// <summary>Calls of clients that have not been answered yet.</summary>
    public int ClientCallCount => Volatile.Read(ref _clientCalls);

    public IEnumerable<GrainId> Clients => _clients.Keys;

    public void OnSiloFrame(ReadOnlyMemory<byte> frame)
    {
        if (TryDecode(frame) is not { } message)
            return;
        try
        {
            Receive(message);
        }
        catch (Exception exception)
        {
            log.LogError(exception, "A message was lost: {Message}.", message);
        }
    }

    public void OnClientFrame(GrainId client, ReadOnlyMemory<byte> frame)
    {
        if (TryDecode(frame) is not { } message)
            return;
        _clients.TryAdd(client, 0);
        message.SendingSilo = Local;
        if (message.IsSystem)
        {
            system.Receive(message, answer => transport.SendToClient(client, codec.Encode(answer)));
            return;
        }

        if (message.Kind == MessageKind.Request)
            Interlocked.Increment(ref _clientCalls);
        Route(message);
    }

    public void OnUndeliverable(ReadOnlyMemory<byte> frame, Exception reason)
    {
        if (TryDecode(frame) is not { } message)
            return;
        if (message.Kind == MessageKind.SystemRequest)
            system.Undeliverable(message, reason);
        else if (message.Kind == MessageKind.Request && message.TargetSilo is { } silo)
        {
            locator.Forget(message.Target, silo);
            _ = SendElsewhereAsync(message, new SiloUnavailableException($"Silo {silo} did not get {message}: {reason.Message}", reason));
        }
    }

    /// <summary>Sends a request to wherever its target lives, or is placed.</summary>
    public void Route(Message message)
    {
        if (catalog.IsHere(message.Target))
            SendTo(Local, message);
        else if (locator.TryGetCached(message.Target) is { } silo)
            SendTo(silo, message);
        else if (message.Kind != MessageKind.Cancel)
            _ = LocateAndSendAsync(message);
    }

    /// <summary>Gives a request of this silo, or one that came in, to its activation.</summary>
    public void Receive(Message message)
    {
        switch (message.Kind)
        {
            case MessageKind.Request or MessageKind.OneWay:
                Deliver(message);
                break;
            case MessageKind.Cancel:
                catalog.Cancel(message.Target, message.Id);
                break;
            case MessageKind.Response or MessageKind.Error or MessageKind.Rejection:
                ReceiveResponse(message);
                break;
            default:
                system.Receive(message, answer => transport.SendToSilo(answer.TargetSilo!, codec.Encode(answer)));
                break;
        }
    }

    /// <summary>The target has left this silo: looks for it anew, and tells the sender's silo to do so next time.</summary>
    public void Forward(Message message)
    {
        locator.Forget(message.Target, Local);
        if (message.SendingSilo is { } sender && !sender.Equals(Local))
            system.Tell(sender, GrainLocator.ForgetCall, new WireWriter().Grain(message.Target).Silo(Local).ToArray());
        message.IsNewPlacement = false;
        if (++message.ForwardCount > core.Messaging.MaxForwardCount)
            Reject(message, new OrleansMessageRejectionException($"{message} was sent on too often."));
        else
            _ = LocateAndSendAsync(message);
    }

    public void Reply(Message request, GrainMethodModel method, object? value)
    {
        if (request.Kind == MessageKind.OneWay)
            return;
        try
        {
            if (TakeLocalCall(request) is { } call)
                Complete(call, value);
            else
                Respond(request, MessageKind.Response, core.Bodies.WriteResult(method, value));
        }
        catch (Exception exception)
        {
            // The result cannot be written: the caller learns why.
            ReplyError(request, exception);
        }
    }

    public void ReplyError(Message request, Exception exception) => Fail(request, MessageKind.Error, exception);

    public void Reject(Message request, Exception reason) => Fail(request, MessageKind.Rejection, reason);

    private void Complete(PendingCall call, object? value)
    {
        try
        {
            call.Result.TrySetResult(core.Bodies.CopyResult(call.Method, value));
        }
        catch (Exception exception)
        {
            call.Result.TrySetException(exception);
        }
    }

    private void Fail(Message request, MessageKind kind, Exception exception)
    {
        if (request.Kind == MessageKind.Cancel)
            return;
        if (request.Kind == MessageKind.OneWay)
            log.LogWarning(exception, "A one-way call failed: {Message}.", request);
        else if (TakeLocalCall(request) is { } call)
            call.Result.TrySetException(core.Bodies.CopyException(exception));
        else
            Respond(request, kind, core.Bodies.WriteException(exception));
    }

    private PendingCall? TakeLocalCall(Message request) => Local.Equals(request.SendingSilo) ? core.Pending.Take(request.Id) : null;

    private void Respond(Message request, MessageKind kind, ReadOnlyMemory<byte> body)
    {
        var response = new Message { Kind = kind, Id = request.Id, Target = request.Sender, Sender = request.Target, TargetSilo = request.SendingSilo, SendingSilo = Local, Body = body };
        if (Local.Equals(response.TargetSilo))
            ReceiveResponse(response);
        else if (response.TargetSilo is { } silo)
            transport.SendToSilo(silo, codec.Encode(response));
    }

    private void ReceiveResponse(Message response)
    {
        if (core.Pending.Take(response.Id) is { } call)
            core.Complete(call, response);
        else if (ClientIds.IsClient(response.Target))
        {
            Interlocked.Decrement(ref _clientCalls);
            if (!transport.SendToClient(response.Target, codec.Encode(response)))
                _clients.TryRemove(response.Target, out _);
        }
    }

    private void Deliver(Message message)
    {
        try
        {
            if (!catalog.TryDeliver(message))
                Forward(message);
        }
        catch (Exception exception)
        {
            Reject(message, exception);
        }
    }

    private async Task LocateAndSendAsync(Message message)
    {
        try
        {
            var place = await locator.LocateAsync(message).ConfigureAwait(false);
            message.IsNewPlacement = place.IsNew;
            SendTo(place.Silo, message);
        }
        catch (Exception exception)
        {
            Reject(message, exception);
        }
    }

    // The silo may have left, its grains being listed elsewhere by now.
    private async Task SendElsewhereAsync(Message message, Exception reason)
    {
        message.IsNewPlacement = false;
        if (++message.ForwardCount > core.Messaging.MaxForwardCount)
        {
            Reject(message, reason);
            return;
        }

        await locator.RefreshMembersAsync().ConfigureAwait(false);
        await LocateAndSendAsync(message).ConfigureAwait(false);
    }

    private void SendTo(SiloAddress silo, Message message)
    {
        message.TargetSilo = silo;
        if (silo.Equals(Local))
            Receive(message);
        else
            transport.SendToSilo(silo, codec.Encode(message));
    }

    private Message? TryDecode(ReadOnlyMemory<byte> frame)
    {
        try
        {
            return codec.Decode(frame);
        }
        catch (Exception exception)
        {
            log.LogError(exception, "A message frame could not be read.");
            return null;
        }
    }
}
