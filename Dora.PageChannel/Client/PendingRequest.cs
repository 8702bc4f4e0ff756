using System.Threading.Tasks.Sources;

namespace Dora.PageChannel.Client;

/// <summary>Where a <see cref="PendingRequest"/> stands. Changes only under its connection's lock.</summary>
internal enum PendingState
{
    /// <summary>In the pool.</summary>
    Free,

    /// <summary>In line, or sent and unanswered: a timeout or a cancellation may end it.</summary>
    Waiting,

    /// <summary>Its bytes are being received into the caller's memory: only the receive loop may end it.</summary>
    Receiving,

    /// <summary>Ended; its caller has not taken the result yet.</summary>
    Done,
}

/// <summary>A request and the task of its caller in one reused object.</summary>
/// <param name="owner">The connection it belongs to.</param>
internal sealed class PendingRequest(PageChannelConnection owner) : IValueTaskSource<ChannelReply>
{
    private ManualResetValueTaskSourceCore<ChannelReply> _core = new() { RunContinuationsAsynchronously = true };

    /// <summary>The id on the wire; 0 while in line.</summary>
    public ulong Id { get; set; }

    /// <summary>What is asked.</summary>
    public ChannelRequest Request { get; set; }

    /// <summary>Where it stands.</summary>
    public PendingState State { get; set; }

    /// <summary>When it started, as a timestamp of the time provider.</summary>
    public long StartedAt { get; set; }

    /// <summary>Counts the uses of this object.</summary>
    public long Serial { get; set; }

    /// <summary>Whether it was reported late.</summary>
    public bool IsLate { get; set; }

    /// <summary>Whether it waits for a change and is not late before its caller says so.</summary>
    public bool IsParked { get; set; }

    /// <summary>The same request to another worker, to be cancelled when this one ends.</summary>
    public CancellationTokenSource? Rival { get; set; }

    /// <summary>How long it may take.</summary>
    public TimeSpan Timeout { get; set; }

    /// <summary>Its place in line, while it waits for one of the granted requests to end.</summary>
    public LinkedListNode<PendingRequest>? Place { get; set; }

    /// <summary>The caller's cancellation.</summary>
    public CancellationTokenRegistration Cancellation { get; set; }

    /// <summary>The caller's task.</summary>
    public ValueTask<ChannelReply> Task => new(this, _core.Version);

    /// <summary>Ends it with a value; its caller goes on elsewhere.</summary>
    public void Complete(in ChannelReply reply) => _core.SetResult(reply);

    /// <summary>Ends it with a value; its caller goes on here and now, and this returns when the caller waits for something else.</summary>
    public void CompleteHere(in ChannelReply reply)
    {
        _core.RunContinuationsAsynchronously = false;
        _core.SetResult(reply);
    }

    /// <summary>Its caller wants no more of it.</summary>
    public void Abandon(CancellationToken token) => owner.Abandon(this, token);

    /// <summary>Ends it with a cancellation.</summary>
    public void Cancel(CancellationToken token) => _core.SetException(new OperationCanceledException(token));

    /// <inheritdoc/>
    public ChannelReply GetResult(short token)
    {
        // Waits for a running cancellation callback, which must not meet the next request in this object.
        Cancellation.Dispose();
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            _core.RunContinuationsAsynchronously = true;
            owner.Recycle(this);
        }
    }

    /// <inheritdoc/>
    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    /// <inheritdoc/>
    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
