using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;
using Dora.PageChannel.Transport;

namespace Dora.PageChannel.Server;

/// <summary>
/// Sends one connection's replies in the order they are ready. Whoever queues first sends, until the queue is empty; small replies that wait
/// meanwhile leave in one packet. Its length is bounded by the connection's count of requests.
/// </summary>
/// <param name="transport">Where to.</param>
/// <param name="time">Clock of <see cref="StalledFor"/>.</param>
/// <param name="released">Called once for every reply when its buffer is no longer needed, sent or not.</param>
internal sealed class ReplyQueue(IChannelTransport transport, TimeProvider time, Action<QueuedReply> released) : IValueTaskSource
{
    private const int BatchBytes = 64 * 1024;
    private const int SmallReply = 8 * 1024;

    /// <summary>Bytes in the queue above which nobody makes another batch.</summary>
    public const int MaxWaiting = 512 * 1024;

    private readonly Lock _lock = new();
    private readonly Queue<QueuedReply> _queue = new();
    private byte[]? _batch;
    private long _waiting;
    private ManualResetValueTaskSourceCore<bool> _wake;
    private int _isStarted;
    private bool _isSending;
    private bool _isClosed;
    private long _lastProgress;
    private TaskCompletionSource? _flushed;

    /// <summary>How long the peer has taken nothing of what waits for it; zero when nothing waits.</summary>
    public TimeSpan StalledFor
    {
        get
        {
            lock (_lock)
            {
                return _isSending ? time.GetElapsedTime(_lastProgress) : TimeSpan.Zero;
            }
        }
    }

    /// <summary>Queues a reply; drops it when the queue is closed.</summary>
    /// <param name="reply">The reply.</param>
    /// <param name="isLast">Whether nothing may follow it: later replies are dropped.</param>
    public void Enqueue(QueuedReply reply, bool isLast = false)
    {
        bool isDropped, starts;
        lock (_lock)
        {
            isDropped = _isClosed;
            starts = !_isClosed && !_isSending;
            _isClosed |= isLast;
            if (!isDropped)
            {
                _queue.Enqueue(reply);
                _waiting += reply.Length;
            }

            if (starts)
            {
                _isSending = true;
                _lastProgress = time.GetTimestamp();
            }
        }

        if (isDropped)
        {
            released(reply);
        }
        else if (starts)
        {
            Wake();
        }
    }

    /// <summary>
    /// Sends a batch on the caller's thread when nothing else is being sent, and else queues it. The task ends when the caller may make another one:
    /// a peer that takes its replies slowly holds up the thread of its own requests, and no more memory than <see cref="MaxWaiting"/>.
    /// </summary>
    public ValueTask SendBatchAsync(QueuedReply batch)
    {
        bool isDropped, isFirst, mustWait;
        lock (_lock)
        {
            (isDropped, isFirst) = (_isClosed, !_isClosed && !_isSending);
            if (isFirst)
            {
                _isSending = true;
                _lastProgress = time.GetTimestamp();
            }
            else if (!isDropped)
            {
                _queue.Enqueue(batch);
                _waiting += batch.Length;
            }

            mustWait = _waiting > MaxWaiting;
        }

        if (isDropped)
        {
            released(batch);
        }

        return isFirst ? SendFirstAsync(batch) : mustWait ? new ValueTask(FlushedAsync()) : default;
    }

    /// <summary>Keeps others from sending, when nothing is being sent; ends with <see cref="End"/> or <see cref="SendRestAsync"/>.</summary>
    public bool TryBegin()
    {
        lock (_lock)
        {
            if (_isClosed || _isSending)
            {
                return false;
            }

            _isSending = true;
            _lastProgress = time.GetTimestamp();
            return true;
        }
    }

    /// <summary>Lets others send again.</summary>
    public void End()
    {
        lock (_lock)
        {
            if (_queue.Count == 0)
            {
                EndLocked();
                return;
            }
        }

        Wake();
    }

    /// <summary>Sends what is left of what <see cref="TryBegin"/> was for, and lets others send.</summary>
    public ValueTask SendRestAsync(QueuedReply rest) => SendFirstAsync(rest);

    /// <summary>Completes when everything queued so far is sent or dropped.</summary>
    public Task FlushedAsync()
    {
        lock (_lock)
        {
            return _isSending ? (_flushed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    /// <summary>Drops what waits and what comes.</summary>
    public void Close()
    {
        QueuedReply[] dropped;
        lock (_lock)
        {
            _isClosed = true;
            dropped = [.. _queue];
            _queue.Clear();
            _waiting = 0;
        }

        Array.ForEach(dropped, released);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendFirstAsync(QueuedReply batch)
    {
        try
        {
            for (ReadOnlyMemory<byte> bytes = batch.Buffer.AsMemory(0, batch.Length); !bytes.IsEmpty;)
            {
                bytes = bytes[await transport.SendAsync(bytes, CancellationToken.None).ConfigureAwait(false)..];
                NoteProgress();
            }
        }
        catch (Exception e) when (TransportErrors.IsEnd(e))
        {
            // As below.
            Close();
        }
        finally
        {
            released(batch);
        }

        Wake();
    }

    void IValueTaskSource.GetResult(short token) => _wake.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _wake.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _wake.OnCompleted(continuation, state, token, flags);

    /// <summary>Who has set <see cref="_isSending"/> lets the queue be sent, on this thread as far as the peer takes it.</summary>
    private void Wake()
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 0)
        {
            _ = RunAsync();
        }

        _wake.SetResult(true);
    }

    /// <summary>
    /// One for the life of the connection, so that a reply that has to wait for the peer costs no task of its own, and no pooled one, which a busy worker's
    /// threads find taken.
    /// </summary>
    private async Task RunAsync()
    {
        while (true)
        {
            await new ValueTask(this, _wake.Version).ConfigureAwait(false);

            // Before the queue is found empty: from then on somebody else may wake.
            _wake.Reset();
            try
            {
                while (TryTake(out ReadOnlyMemory<byte> bytes, out QueuedReply large))
                {
                    try
                    {
                        while (!bytes.IsEmpty)
                        {
                            bytes = bytes[await transport.SendAsync(bytes, CancellationToken.None).ConfigureAwait(false)..];
                            NoteProgress();
                        }
                    }
                    finally
                    {
                        if (large.Buffer is not null)
                        {
                            released(large);
                        }
                    }
                }
            }
            catch (Exception e) when (TransportErrors.IsEnd(e))
            {
                // The connection is gone; its receive loop sees the same and cleans up.
                Close();
                lock (_lock)
                {
                    EndLocked();
                }
            }
        }
    }

    private void NoteProgress() => Volatile.Write(ref _lastProgress, time.GetTimestamp());

    /// <summary>Takes the next reply as it is, or as many small ones as there are in one piece.</summary>
    private bool TryTake(out ReadOnlyMemory<byte> bytes, out QueuedReply large)
    {
        large = default;
        lock (_lock)
        {
            if (!_queue.TryDequeue(out QueuedReply first))
            {
                bytes = default;
                EndLocked();
                return false;
            }

            _waiting -= first.Length;

            if (first.Length > SmallReply || _queue.Count == 0)
            {
                large = first;
                bytes = first.Buffer.AsMemory(0, first.Length);
                return true;
            }

            bytes = Gather(first);
            return true;
        }
    }

    private ReadOnlyMemory<byte> Gather(QueuedReply reply)
    {
        _batch ??= new byte[BatchBytes];
        int length = 0;
        do
        {
            reply.Buffer.AsSpan(0, reply.Length).CopyTo(_batch.AsSpan(length));
            length += reply.Length;
            released(reply);
        }
        while (_queue.TryPeek(out reply) && reply.Length <= Math.Min(SmallReply, BatchBytes - length) && TryDequeue(out reply));

        return _batch.AsMemory(0, length);
    }

    private bool TryDequeue(out QueuedReply reply)
    {
        bool isThere = _queue.TryDequeue(out reply);
        _waiting -= reply.Length;
        return isThere;
    }

    private void EndLocked()
    {
        _isSending = false;
        _flushed?.TrySetResult();
        _flushed = null;
    }
}
