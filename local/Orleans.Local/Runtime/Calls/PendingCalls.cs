using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>A call whose answer has not come yet.</summary>
internal sealed class PendingCall(Message request, GrainMethodModel method, CallResult result, TimeSpan timeout)
{
    public Message Request { get; } = request;

    public GrainMethodModel Method { get; } = method;

    public CallResult Result { get; } = result;

    public TimeSpan Timeout { get; } = timeout;

    public CancellationTokenRegistration Cancellation { get; set; }
}

/// <summary>The calls of this process that wait for an answer. Overdue ones are failed by a sweep.</summary>
internal sealed class PendingCalls : IDisposable
{
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<Guid, PendingCall> _calls = new();
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly long _prefix = BitConverter.ToInt64(Guid.NewGuid().ToByteArray());
    private long _lastId;

    public PendingCalls(TimeProvider time)
    {
        _time = time;
        using (ExecutionContext.SuppressFlow())
            _sweep = time.CreateTimer(_ => FailOverdue(), null, SweepPeriod, SweepPeriod);
    }

    /// <summary>Called with every call that timed out, before its caller learns of it.</summary>
    public Action<PendingCall>? OnTimeout { get; set; }

    public Guid NextId()
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Interlocked.Increment(ref _lastId));
        BitConverter.TryWriteBytes(bytes[8..], _prefix);
        return new Guid(bytes);
    }

    public void Add(PendingCall call) => _calls[call.Request.Id] = call;

    public bool Contains(Guid id) => _calls.ContainsKey(id);

    /// <summary>Takes the call out: its answer is the taker's to give.</summary>
    public PendingCall? Take(Guid id)
    {
        if (!_calls.TryRemove(id, out var call))
            return null;
        call.Cancellation.Unregister();
        return call;
    }

    public void Fail(Guid id, Exception exception) => Take(id)?.Result.TrySetException(exception);

    /// <summary>Fails every call that was sent to a silo.</summary>
    public void FailCallsTo(SiloAddress silo, Func<PendingCall, Exception> reason)
    {
        foreach (var call in _calls.Values)
        {
            if (silo.Equals(call.Request.TargetSilo))
                Fail(call.Request.Id, reason(call));
        }
    }

    public void FailAll(Func<PendingCall, Exception> reason)
    {
        foreach (var call in _calls.Values)
            Fail(call.Request.Id, reason(call));
    }

    public void Dispose() => _sweep.Dispose();

    private void FailOverdue()
    {
        foreach (var call in _calls.Values)
        {
            if (_time.GetElapsedTime(call.Request.ReceivedAt) < call.Timeout)
                continue;
            if (Take(call.Request.Id) is null)
                continue;
            OnTimeout?.Invoke(call);
            call.Result.TrySetException(new TimeoutException($"Response did not arrive on time in {call.Timeout} for message: {call.Request}."));
        }
    }
}
