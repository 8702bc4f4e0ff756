using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using Dora.Diagnostics;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Transport;
using Microsoft.Extensions.Logging;

namespace Dora.PageChannel.Server;

/// <summary>
/// One client's connection: receives frames, hands requests to the handler, and sends the replies in the order they are ready. A frame that breaks
/// the protocol ends this connection with a goodbye and nothing else.
/// </summary>
internal sealed class ServedConnection
{
    private const int ReceiveBytes = 64 * 1024;
    private const int TurnsBeforeYield = 32;

    // A client with more on their way sends many in a packet, and a packet is worth waiting for.
    private const int FewRequests = 4;
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    private readonly IChannelTransport _transport;
    private readonly EndPoint? _peer;
    private readonly PageChannelServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ReplyQueue _replies;
    private readonly RequestTable _requests;
    private readonly RequestExecutor _executor;
    private readonly WarmAnswers _warm;
    private readonly SocketPoller _poller;
    private readonly byte[] _buffer = new byte[ReceiveBytes];
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _received;
    private int _frames;
    private int _pending;
    private int _granted;
    private ushort _version;
    private long _lastFrame;
    private long _closingSince;
    private int _isClosing;
    private volatile bool _isStopping;

    public ServedConnection(
        IChannelTransport transport, PageChannelServerOptions options, IPageRequestHandler handler, ReplyBudget budget, SendBuffers buffers, TimeProvider time, ILogger logger)
    {
        _transport = transport;
        _peer = transport.Peer;
        (_options, _time, _logger) = (options, time, logger);
        _lastFrame = time.GetTimestamp();
        _replies = new ReplyQueue(transport, time, OnReleased);
        var own = new ReplyBudget(Math.Max(options.MaxReplyBytes / 8, options.MaxReadLength + FrameHeader.Size), 4 * options.MaxInFlight);
        _executor = new RequestExecutor(handler, budget, own, buffers, e => PageChannelLog.RequestFailed(logger, _peer, e));
        _requests = new RequestTable(ExecuteAsync);
        _warm = new WarmAnswers(
            handler, _executor, handler is IWarmLender lender && transport.Pollable is { } socket ? new LentReplies(lender, transport, socket, _replies, _executor) : null);
        _poller = new SocketPoller(transport.Pollable, options.PollTime, time);
    }

    private bool IsOpen => _granted > 0;

    /// <summary>Whether a request should come soon: a few were answered on the spot. Who waits for more than that asks later.</summary>
    private bool ExpectsSoon => _frames is > 0 and <= FewRequests && !_warm.HadLong && Volatile.Read(ref _pending) == 0;

    /// <summary>Serves the connection until it ends. Never throws.</summary>
    public async Task RunAsync()
    {
        PageChannelLog.Connected(_logger, _peer);
        try
        {
            for (int turns = 0; ; turns++)
            {
                int count = _poller.TryReceive(_buffer.AsSpan(_received), ExpectsSoon, out int polled)
                    ? polled
                    : await _transport.ReceiveAsync(_buffer.AsMemory(_received), CancellationToken.None).ConfigureAwait(false);
                if (count == 0)
                {
                    break;
                }

                _received += count;
                _frames = 0;
                _warm.HadLong = false;
                await AnswerAsync().ConfigureAwait(false);
                if (turns % TurnsBeforeYield == TurnsBeforeYield - 1 && ThreadPool.PendingWorkItemCount > 0)
                {
                    // A client that always has more to ask must not keep a thread that others wait for.
                    await Task.Yield();
                }
            }
        }
        catch (Exception e) when (TransportErrors.IsEnd(e))
        {
            // The peer, the sweep or a stop ended the connection: nothing to tell anyone.
        }
        catch (Exception e)
        {
            PageChannelLog.ConnectionFailed(_logger, _peer, e);
        }

        _requests.CancelAll();
        _replies.Close();
        QueueWarm();
        _transport.Dispose();
        _drained.TrySetResult();
        PageChannelLog.Disconnected(_logger, _peer);
    }

    /// <summary>Ends the connection when it is late with something. Called about once a second.</summary>
    public void CheckTimeouts()
    {
        TimeSpan quiet = _time.GetElapsedTime(Volatile.Read(ref _lastFrame));
        if (Volatile.Read(ref _isClosing) == 1)
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _closingSince)) > Linger)
            {
                Abort();
            }
        }
        else if (_replies.StalledFor > _options.SendTimeout)
        {
            PageChannelLog.Closing(_logger, _peer, PageChannelStatus.Failed, "the peer takes nothing of what is sent to it");
            Abort();
        }
        else if (!IsOpen && quiet > _options.HelloTimeout)
        {
            Close(PageChannelStatus.InvalidRequest, "no hello came in time");
        }
        else if (quiet > _options.IdleTimeout && Volatile.Read(ref _pending) == 0)
        {
            Close(PageChannelStatus.Ok, "idle");
        }
    }

    /// <summary>Refuses new requests, waits for those in flight until the deadline, and says goodbye.</summary>
    public async Task StopAsync(CancellationToken deadline)
    {
        _isStopping = true;

        // Between the two: the last reply is counted down before it looks whether somebody waits for it.
        Interlocked.MemoryBarrier();
        _requests.EndWaits();
        if (Volatile.Read(ref _pending) > 0)
        {
            await _drained.Task.WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Close(PageChannelStatus.ShuttingDown, "the worker is stopping");
    }

    /// <summary>Cuts the connection.</summary>
    public void Abort() => _transport.Dispose();

    /// <summary>Handles what was received, and sends the answers that could be made on the spot.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask AnswerAsync()
    {
        bool isFull;
        do
        {
            _received = Volatile.Read(ref _isClosing) == 1 ? 0 : Consume(_received);
            isFull = _warm.IsFull;
            if (_warm.HasRest)
            {
                await _warm.SendRestAsync().ConfigureAwait(false);
            }
            else if (_warm.TryTake(out QueuedReply batch))
            {
                await _replies.SendBatchAsync(batch).ConfigureAwait(false);
            }
        }
        while (isFull);
    }

    /// <summary>Handles the whole frames in the buffer, until enough answers have gathered, and moves the rest to its front.</summary>
    /// <returns>How many bytes are left.</returns>
    private int Consume(int end)
    {
        int start = 0;
        Volatile.Write(ref _lastFrame, _time.GetTimestamp());
        while (Volatile.Read(ref _isClosing) == 0 && !_warm.IsFull)
        {
            ReadOnlySpan<byte> source = _buffer.AsSpan(start, end - start);
            FrameDecode decode = FrameReader.ReadHeaderAtWorker(source, out FrameHeader header);
            if (decode.Outcome == FrameDecodeOutcome.Malformed)
            {
                Refuse(PageChannelStatus.MalformedFrame, decode.Reason!);
                return 0;
            }

            if (!decode.IsOk || source.Length < header.FrameLength)
            {
                break;
            }

            start += header.FrameLength;
            _frames++;
            Handle(header, source[FrameHeader.Size..header.FrameLength]);
        }

        _buffer.AsSpan(start, end - start).CopyTo(_buffer);
        return end - start;
    }

    private void Handle(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        if (!IsOpen && header.Opcode is not (PageChannelOpcode.Hello or PageChannelOpcode.Goodbye))
        {
            Refuse(PageChannelStatus.MalformedFrame, "the first frame is no hello");
            return;
        }

        if (TraceField.IsIn(header))
        {
            HandleTraced(header, body);
            return;
        }

        Handle(header, body, default);
    }

    private void HandleTraced(FrameHeader header, ReadOnlySpan<byte> body)
    {
        ReadOnlySpan<byte> field = default;
        FrameDecode decode = _version >= PageChannelProtocol.TraceVersion
            ? TraceField.Cut(ref header, ref body, out field)
            : FrameDecode.Malformed("a flag is unknown");
        if (decode.IsOk)
        {
            Handle(header, body, IncomingTrace.From(field, _time));
        }
        else
        {
            Refuse(PageChannelStatus.MalformedFrame, decode.Reason!);
        }
    }

    private void Handle(in FrameHeader header, ReadOnlySpan<byte> body, in IncomingTrace trace)
    {
        switch (header.Opcode)
        {
            case PageChannelOpcode.Hello when !IsOpen:
                HandleHello(header, body);
                break;
            case PageChannelOpcode.Read or PageChannelOpcode.Stat when !_isStopping && _warm.TryAdd(header, body):
            case PageChannelOpcode.ReadFile when _version >= PageChannelProtocol.ReadFileVersion && !_isStopping && _warm.TryAdd(header, body):
            case PageChannelOpcode.Locate when _version >= PageChannelProtocol.SameHostVersion && !_isStopping && _warm.TryAdd(header, body):
                trace.Start(header.Opcode, _options.WorkerId)?.Dispose();
                break;
            case PageChannelOpcode.Stat or PageChannelOpcode.Read:
            case PageChannelOpcode.ReadFile when _version >= PageChannelProtocol.ReadFileVersion:
            case PageChannelOpcode.Locate or PageChannelOpcode.SameHost when _version >= PageChannelProtocol.SameHostVersion:
            case PageChannelOpcode.Known when _version >= PageChannelProtocol.KnownVersion:
            case PageChannelOpcode.List or PageChannelOpcode.View when _version >= PageChannelProtocol.ListVersion:
                HandleRequest(header, body, trace);
                break;
            case PageChannelOpcode.Cancel:
                _requests.Cancel(header.RequestId);
                break;
            case PageChannelOpcode.Ping:
                if (TryCount(out _))
                {
                    byte[] pong = QueuedReply.RentSmall();
                    _replies.Enqueue(new QueuedReply(pong, FrameWriter.WritePong(pong, header.RequestId, _executor.MembershipVersion), 0, IsCounted: true));
                }

                break;
            case PageChannelOpcode.Goodbye:
                Refuse(PageChannelStatus.Ok, "goodbye");
                break;
            default:
                Refuse(PageChannelStatus.MalformedFrame, "the frame has no place here");
                break;
        }
    }

    private void HandleHello(in FrameHeader header, ReadOnlySpan<byte> body)
    {
        FrameDecode decode = FrameReader.ReadHello(header, body, out HelloRequest hello);
        if (!decode.IsOk)
        {
            Refuse(PageChannelStatus.MalformedFrame, decode.Reason!);
            return;
        }

        byte[] reply = QueuedReply.RentSmall();
        HelloVerdict verdict = HelloVerdict.Judge(hello, _options);
        if (verdict.Status != PageChannelStatus.Ok)
        {
            int error = FrameWriter.WriteError(
                reply, PageChannelOpcode.HelloReply, header.RequestId, _executor.MembershipVersion, verdict.Status, verdict.Message);
            Close(verdict.Status, verdict.Message!, new QueuedReply(reply, error, 0, IsCounted: false));
            return;
        }

        _executor.MaxReadLength = verdict.MaxReadLength;
        _version = verdict.Version;
        _granted = verdict.MaxInFlight;
        _replies.Enqueue(new QueuedReply(reply, verdict.WriteReply(reply, _executor.MembershipVersion, _options), 0, IsCounted: false));
    }

    private void HandleRequest(in FrameHeader header, ReadOnlySpan<byte> body, in IncomingTrace trace)
    {
        if (!TryCount(out bool isBusy))
        {
            return;
        }

        if (_isStopping || isBusy)
        {
            PageChannelStatus status = isBusy ? PageChannelStatus.Busy : PageChannelStatus.ShuttingDown;
            string message = isBusy ? "too many requests in flight on this connection: wait for replies" : "the worker is stopping: ask the next owner";
            _replies.Enqueue(_executor.Error(header.Opcode, header.RequestId, status, _executor.MembershipVersion, message));
            return;
        }

        if (_requests.TryStart(header.RequestId) is not { } slot)
        {
            Refuse(PageChannelStatus.MalformedFrame, "a request id is used twice");
            return;
        }

        slot.Trace = trace;
        FrameDecode decode = RequestExecutor.Decode(header, body, slot);
        if (!decode.IsOk)
        {
            _requests.Finish(slot);
            Refuse(PageChannelStatus.MalformedFrame, decode.Reason!);
        }
        else
        {
            if (slot.Opcode == PageChannelOpcode.View && _isStopping)
            {
                _requests.EndWaits(); // those who stop may have been here before it
            }

            // It is not warm: the answer may wait for a disk, RocksDB or the store, and this thread must not.
            ThreadPool.UnsafeQueueUserWorkItem(slot, preferLocal: false);
        }
    }

    private async Task ExecuteAsync(RequestSlot slot)
    {
        QueuedReply reply = slot.Trace.IsNone
            ? await _executor.ExecuteAsync(slot).ConfigureAwait(false)
            : await ExecuteTracedAsync(slot).ConfigureAwait(false);
        _requests.Finish(slot);
        _replies.Enqueue(reply);
    }

    private async ValueTask<QueuedReply> ExecuteTracedAsync(RequestSlot slot)
    {
        using Activity? span = slot.Trace.Start(slot.Opcode, _options.WorkerId);
        QueuedReply reply = await _executor.ExecuteAsync(slot).ConfigureAwait(false);
        if (reply.Status != PageChannelStatus.Ok)
        {
            span.Fail(reply.Status.ToErrorCode());
        }

        return reply;
    }

    /// <summary>
    /// Counts one more thing to be answered. Replies count until they are sent, so a client may be some ahead of our count without being at fault:
    /// Busy comes at twice what it was granted. Four times is a flood, and ends the connection.
    /// </summary>
    private bool TryCount(out bool isBusy)
    {
        int pending = Interlocked.Increment(ref _pending);
        isBusy = pending > 2 * _granted;
        if (pending <= 4 * _granted)
        {
            return true;
        }

        Interlocked.Decrement(ref _pending);
        Close(PageChannelStatus.Busy, "more requests than granted");
        return false;
    }

    private void OnReleased(QueuedReply reply)
    {
        _executor.Release(reply);
        if (reply.IsCounted && Interlocked.Decrement(ref _pending) == 0 && _isStopping)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>As <see cref="Close"/>, behind the answers made so far. On the thread that receives.</summary>
    private void Refuse(PageChannelStatus status, string reason)
    {
        QueueWarm();
        Close(status, reason);
    }

    private void QueueWarm()
    {
        if (_warm.TryTake(out QueuedReply batch))
        {
            _replies.Enqueue(batch);
        }
    }

    private void Close(PageChannelStatus status, string reason, QueuedReply? lastReply = null)
    {
        if (Interlocked.Exchange(ref _isClosing, 1) == 1)
        {
            return;
        }

        Volatile.Write(ref _closingSince, _time.GetTimestamp());
        if (status is not (PageChannelStatus.Ok or PageChannelStatus.ShuttingDown))
        {
            PageChannelLog.Closing(_logger, _peer, status, reason);
        }

        if (lastReply is null)
        {
            byte[] goodbye = QueuedReply.RentSmall();
            lastReply = new QueuedReply(goodbye, FrameWriter.WriteGoodbye(goodbye, _executor.MembershipVersion, status, reason), 0, IsCounted: false);
        }

        _replies.Enqueue(lastReply.Value, isLast: true);
        _requests.CancelAll();
        _ = ShutdownAsync();
    }

    /// <summary>
    /// Ends our direction after the last frame. The receive loop then discards until the peer has closed too: closing at once, with bytes of the
    /// peer unread, would reset the connection and take the goodbye with it.
    /// </summary>
    private async Task ShutdownAsync()
    {
        await _replies.FlushedAsync().ConfigureAwait(false);
        try
        {
            await _transport.EndSendingAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (TransportErrors.IsEnd(e))
        {
            // Gone already.
        }
    }
}
