using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>Calls between runtimes, over the same transport as grain calls but past every queue of theirs.</summary>
internal sealed class SystemCalls(ILocalSiloDetails local, IGrainMessageTransport transport, MessageCodec codec, CallBody bodies, TimeProvider time) : ISystemCalls
{
    private readonly ConcurrentDictionary<string, Func<SiloAddress?, ReadOnlyMemory<byte>, Task<byte[]>>> _handlers = new();
    private readonly ConcurrentDictionary<Guid, (SiloAddress Silo, TaskCompletionSource<byte[]> Answer)> _pending = new();

    public void Handle(string name, Func<SiloAddress?, ReadOnlyMemory<byte>, Task<byte[]>> handler) => _handlers[name] = handler;

    public async Task<byte[]> CallAsync(SiloAddress silo, string name, ReadOnlyMemory<byte> argument, TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        var id = Guid.NewGuid();
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        _pending[id] = (silo, answer);
        try
        {
            Send(silo, new Message { Kind = MessageKind.SystemRequest, Id = id, TargetSilo = silo, SendingSilo = local.SiloAddress, Method = name, Body = argument });
            return await answer.Task.WaitAsync(timeout, time, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _pending.TryRemove(id, out _);
        }
    }

    /// <summary>Calls without waiting for the outcome.</summary>
    public void Tell(SiloAddress silo, string name, ReadOnlyMemory<byte> argument) =>
        Send(silo, new Message { Kind = MessageKind.SystemRequest, Id = Guid.NewGuid(), TargetSilo = silo, SendingSilo = local.SiloAddress, Method = name, Body = argument });

    /// <summary>Tells every given client.</summary>
    public void TellClients(IEnumerable<GrainId> clients, string name)
    {
        foreach (var client in clients)
            transport.SendToClient(client, codec.Encode(new Message { Kind = MessageKind.SystemRequest, Id = Guid.NewGuid(), Target = client, SendingSilo = local.SiloAddress, Method = name }));
    }

    public void Receive(Message message, Action<Message> reply)
    {
        if (message.Kind == MessageKind.SystemRequest)
            _ = Task.Run(() => AnswerAsync(message, reply));
        else if (!_pending.TryRemove(message.Id, out var call))
            return;
        else if (message.Kind == MessageKind.SystemResponse)
            call.Answer.TrySetResult(message.Body.ToArray());
        else
            call.Answer.TrySetException(bodies.ReadException(message.Body));
    }

    public void Undeliverable(Message message, Exception reason)
    {
        if (_pending.TryRemove(message.Id, out var call))
            call.Answer.TrySetException(reason);
    }

    /// <summary>Fails what was asked of a dead silo.</summary>
    public void FailCallsTo(SiloAddress silo)
    {
        foreach (var (id, call) in _pending.Where(call => call.Value.Silo.Equals(silo)))
        {
            if (_pending.TryRemove(id, out _))
                call.Answer.TrySetException(new SiloUnavailableException($"Silo {silo} is dead."));
        }
    }

    private async Task AnswerAsync(Message request, Action<Message> reply)
    {
        var kind = MessageKind.SystemResponse;
        ReadOnlyMemory<byte> body;
        try
        {
            if (!_handlers.TryGetValue(request.Method, out var handler))
                throw new OrleansException($"Nobody answers system call \"{request.Method}\".");
            body = await handler(request.SendingSilo, request.Body).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            kind = MessageKind.SystemError;
            body = bodies.WriteException(exception);
        }

        reply(new Message { Kind = kind, Id = request.Id, Target = request.Sender, TargetSilo = request.SendingSilo, SendingSilo = local.SiloAddress, Body = body });
    }

    private void Send(SiloAddress silo, Message message)
    {
        if (silo.Equals(local.SiloAddress))
            Receive(message, answer => Receive(answer, _ => { }));
        else
            transport.SendToSilo(silo, codec.Encode(message));
    }
}
