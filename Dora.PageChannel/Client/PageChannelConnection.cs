using System.Diagnostics;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Transport;

namespace Dora.PageChannel.Client;

/// <summary>
/// One connection to a worker with many requests in flight. The bytes of a read are received straight into the caller's memory, and never touch it
/// after the caller's task has ended. The end of the connection ends every request on it at once, with a value.
/// </summary>
internal sealed class PageChannelConnection
{
    // How finely lateness is seen. The timer runs only while requests are in flight.
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromMilliseconds(5);

    /// <summary>The share of a time limit that a worker must have been silent for to be taken for dead: the ping goes out some time after the request.</summary>
    public const double SilentShare = 0.6;

    private const int LargeRead = 32 * 1024;

    // With more on their way, replies come many in a packet, and a packet is worth waiting for. More bytes take longer than a poll.
    private const int FewInFlight = 4;
    private const int FewBytes = 512 * 1024;

    private readonly Lock _lock = new();
    private readonly IChannelTransport _transport;
    private readonly GrantedLimits _limits;
    private readonly ChannelOptions _options;
    private readonly TimeProvider _time;
    private readonly FrameOutbox _outbox;
    private readonly ITimer _sweep;
    private readonly Dictionary<ulong, PendingRequest> _inFlight = [];
    private readonly Dictionary<ulong, PendingRequest> _parked = []; // apart, because nothing is late of them: their caller gives them up, or the end of the connection
    private readonly LinkedList<PendingRequest> _line = new();
    private readonly Stack<PendingRequest> _free = new();
    private readonly WorkerSilence _silence;
    private readonly ReplyReceiver _receiver;
    private readonly Completions _completions;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ulong _lastId;
    private long _owed;
    private bool _isSweeping;
    private bool _isRetired;
    private string? _closed;

    public PageChannelConnection(IChannelTransport transport, GrantedLimits limits, ChannelOptions options, TimeProvider time)
    {
        (_transport, _limits, _options, _time) = (transport, limits, options, time);
        _silence = new WorkerSilence(options.HungAfter, time);
        _outbox = new FrameOutbox(transport, e => Abort(e.Message));
        _sweep = time.CreateTimer(static state => ((PageChannelConnection)state!).Sweep(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _completions = new Completions(time);
        _receiver = new ReplyReceiver(this, _outbox, transport, new SocketPoller(transport.Pollable, options.PollTime, time), limits.MaxReadLength);
        _ = ReceiveAsync();
    }

    /// <summary>Whether requests can be sent. A connection that is not open never becomes so again.</summary>
    public bool IsOpen => Volatile.Read(ref _closed) is null;

    /// <summary>Requests sent or in line.</summary>
    public int Load => _inFlight.Count + _line.Count;

    /// <summary>Bytes of reads that are asked for and have not come, about.</summary>
    public long Owed => Volatile.Read(ref _owed);

    /// <summary>Most bytes of one read on this connection.</summary>
    public int MaxReadLength => _limits.MaxReadLength;

    /// <summary>How long the worker has shown no sign of life while something was asked of it.</summary>
    public TimeSpan Silence
    {
        get
        {
            lock (_lock)
            {
                return _silence.Elapsed;
            }
        }
    }

    /// <summary>Whether the next replies are probably long: the last request was for much.</summary>
    internal bool ExpectsLarge { get; private set; }

    /// <summary>Whether an answer may come soon, and not many at a time.</summary>
    internal bool ExpectsFew => _inFlight.Count is > 0 and <= FewInFlight && Owed <= FewBytes;

    /// <summary>Whether this thread is receiving on it: what it asks for here leaves with what others ask for in this turn.</summary>
    public bool IsReceivingHere => _outbox.IsCorkedHere;

    /// <summary>The protocol version both ends speak.</summary>
    public ushort Version => _limits.Version;

    /// <summary>Sends a request. The outcome is a value; only the caller's own cancellation throws.</summary>
    public ValueTask<ChannelReply> SendAsync(in ChannelRequest request, long membershipVersion, TimeSpan timeout, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Activity? trace = TraceOf(request);
        PendingRequest pending;
        lock (_lock)
        {
            if (_closed is not null)
            {
                return new(ChannelReply.Lost(_closed));
            }

            if (_line.Count >= _options.MaxWaiting)
            {
                return new(new ChannelReply(ChannelOutcome.Answered, PageChannelStatus.Busy, Message: "too many requests wait in this client"));
            }

            pending = _free.TryPop(out PendingRequest? reused) ? reused : new PendingRequest(this);
            pending.Request = trace == request.Trace ? request : request with { Trace = trace };
            (pending.Timeout, pending.StartedAt) = (timeout, _time.GetTimestamp());
            pending.State = PendingState.Waiting;
            (pending.IsLate, pending.IsParked) = (false, request.IsParked);
            pending.Serial++;
            _owed += request.Destination.Length;
            Admit(pending, membershipVersion);
        }

        _outbox.Flush();
        ValueTask<ChannelReply> task = pending.Task;
        if (cancellationToken.CanBeCanceled)
        {
            pending.Cancellation = cancellationToken.UnsafeRegister(
                static (state, token) => ((PendingRequest)state!).Abandon(token), pending);
        }

        return task;
    }

    /// <summary>Ends one request because its caller wants no more of it.</summary>
    public void Abandon(PendingRequest pending, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            // One that is being received ends by itself in a moment: its memory is in use until then.
            if (pending.State != PendingState.Waiting)
            {
                return;
            }

            End(pending);
        }

        _outbox.Flush();
        pending.Cancel(cancellationToken);
    }

    /// <summary>Notes the rival of a late request; see <see cref="LateRequest.TryAttach"/>.</summary>
    public bool TryAttach(in LateRequest late, CancellationTokenSource rival)
    {
        lock (_lock)
        {
            bool isWaiting = late.Pending.Serial == late.Serial && late.Pending.State == PendingState.Waiting;
            late.Pending.Rival = isWaiting ? rival : late.Pending.Rival;
            return isWaiting;
        }
    }

    /// <summary>Ends a late request with its rival's answer; see <see cref="LateRequest.TryTakeOver"/>.</summary>
    public bool TryTakeOver(in LateRequest late, in ChannelReply reply, ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (late.Pending.Serial != late.Serial || late.Pending.State != PendingState.Waiting)
            {
                return false;
            }

            late.Pending.Rival = null;
            End(late.Pending);
        }

        // From here on the request is this call's alone: bytes of the worker that come later belong to no request and are dropped.
        ChannelReply end = reply;
        try
        {
            bytes.CopyTo(late.Pending.Request.Destination.Span);
        }
        catch (Exception e)
        {
            // The caller's memory is gone: its task must end all the same.
            end = ChannelReply.Lost(e.Message);
        }

        _outbox.Flush();
        late.Pending.Complete(end);
        CloseIfRetired();
        return true;
    }

    /// <summary>Takes back the object of a request whose caller has its result.</summary>
    public void Recycle(PendingRequest pending)
    {
        lock (_lock)
        {
            pending.State = PendingState.Free;
            pending.Request = default;
            pending.Cancellation = default;
            _free.Push(pending);
        }
    }

    /// <summary>Closes when the last request in flight has ended.</summary>
    public void Retire()
    {
        lock (_lock)
        {
            _isRetired = true;
            if (Load > 0)
            {
                return;
            }
        }

        Abort("the worker left the cluster");
    }

    /// <summary>Cuts the connection; every request on it ends with ConnectionLost.</summary>
    public void Abort(string reason)
    {
        Interlocked.CompareExchange(ref _closed, reason, null);
        _transport.Dispose();
    }

    /// <summary>As <see cref="Abort"/>, and waits until nothing runs any more.</summary>
    public Task CloseAsync()
    {
        Abort("the client was closed");
        return _ended.Task;
    }

    /// <summary>What the worker is told of the span that a request is sent in: that of a hedge was noted with the first request.</summary>
    private Activity? TraceOf(in ChannelRequest request) =>
        _limits.Version >= PageChannelProtocol.TraceVersion && (request.Trace ?? TraceField.Current) is { } trace && FrameRules.IsTraceable(request.Opcode) ? trace : null;

    /// <summary>Sends a request or puts it in line. Under the lock.</summary>
    private void Admit(PendingRequest pending, long membershipVersion)
    {
        if (pending.IsParked)
        {
            pending.Id = ++_lastId;
            _parked.Add(pending.Id, pending);
            _outbox.Add(pending.Request, pending.Id, membershipVersion);
            return;
        }

        if (_inFlight.Count == 0)
        {
            _silence.NoteFirstRequest();
        }

        if (_inFlight.Count >= _limits.MaxInFlight)
        {
            pending.Id = 0;
            pending.Place = _line.AddLast(pending);
        }
        else
        {
            pending.Id = ++_lastId;
            _inFlight.Add(pending.Id, pending);
            _outbox.Add(pending.Request, pending.Id, membershipVersion);
            ExpectsLarge = pending.Request.Destination.Length >= LargeRead;
        }

        if (!_isSweeping)
        {
            _isSweeping = true;
            _silence.Start();
            _sweep.Change(SweepPeriod, SweepPeriod);
        }
    }

    /// <summary>Takes a request out of the tables, tells the worker if it knows of it, and lets the next one in line go. Under the lock.</summary>
    private void End(PendingRequest pending, bool isAnswered = false)
    {
        pending.State = PendingState.Done;
        _owed -= pending.Request.Destination.Length;
        CancelRival(pending);
        if (pending.Place is { } place)
        {
            _line.Remove(place);
            pending.Place = null;
            return;
        }

        (pending.IsParked ? _parked : _inFlight).Remove(pending.Id);
        if (!isAnswered)
        {
            _silence.NoteCancel();
            _outbox.AddCancel(pending.Id, 0);
        }

        if (_line.First is { } next)
        {
            _line.RemoveFirst();
            next.Value.Place = null;
            Admit(next.Value, 0);
        }
    }

    /// <summary>Not on this thread: it leads to the lock of another connection.</summary>
    private static void CancelRival(PendingRequest pending)
    {
        if (pending.Rival is { } rival)
        {
            pending.Rival = null;
            _ = rival.CancelAsync();
        }
    }

    /// <summary>Ends what is late, and gives the connection up when the worker shows no sign of life.</summary>
    private void Sweep()
    {
        if (_completions.TryTakeOver())
        {
            // What the caller that keeps the thread has asked for waits for the end of its turn, which may never come.
            _outbox.Uncork();
            _ = ReceiveAsync();
        }

        List<PendingRequest>? over = null;
        List<LateRequest>? late = null;
        bool isStuck = false;
        lock (_lock)
        {
            long now = _time.GetTimestamp();
            foreach (PendingRequest pending in _inFlight.Values)
            {
                // When its bytes are coming its memory is in use, so that only the end of the connection can end it.
                isStuck |= pending.State == PendingState.Receiving
                    && _time.GetElapsedTime(pending.StartedAt, now) >= pending.Timeout + _options.HungAfter;
                Check(pending, now, ref over, ref late);
            }

            foreach (PendingRequest pending in _line)
            {
                Check(pending, now, ref over, ref late);
            }

            if (_silence.Count(isAsked: _inFlight.Count > 0))
            {
                _outbox.Add(ChannelRequest.Ping, ++_lastId, 0);
            }

            over?.ForEach(pending => End(pending));
            if (Load == 0)
            {
                _isSweeping = false;
                _sweep.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        if (_silence.IsHung || isStuck)
        {
            Abort(_silence.IsHung ? "the worker shows no sign of life" : "a reply began in time and did not come to its end");
        }

        _outbox.Flush();
        over?.ForEach(static pending => pending.Complete(ChannelReply.TimedOut));
        late?.ForEach(static request => request.Request.Late!.OnLate(request));
        CloseIfRetired();
    }

    /// <summary>Whether a request's time is over, or it is late for the first time. Under the lock.</summary>
    private void Check(PendingRequest pending, long now, ref List<PendingRequest>? over, ref List<LateRequest>? late)
    {
        if (pending.State != PendingState.Waiting)
        {
            return;
        }

        TimeSpan elapsed = _time.GetElapsedTime(pending.StartedAt, now);
        if (elapsed >= pending.Timeout || IsSilent(pending.Request.SilentAfter, elapsed))
        {
            (over ??= []).Add(pending);
        }
        else if (pending.Request.Late is not null && !pending.IsLate && elapsed >= pending.Request.LateAfter)
        {
            pending.IsLate = true;
            (late ??= []).Add(new LateRequest(this, pending, pending.Serial, pending.Request));
        }
    }

    private bool IsSilent(TimeSpan limit, TimeSpan elapsed) => limit > TimeSpan.Zero && elapsed >= limit && _silence.Elapsed >= limit * SilentShare;

    private void CloseIfRetired()
    {
        if (_isRetired && Load == 0)
        {
            Abort("the worker left the cluster");
        }
    }

    private async Task ReceiveAsync()
    {
        // Off the caller's thread: who connects must not receive.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        string? reason;
        try
        {
            reason = await _receiver.RunAsync().ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The end of the socket, or a surprise (for example the caller's memory is gone): either way the requests must end with a value.
            reason = e.Message;
        }

        if (reason is null)
        {
            return;
        }

        _outbox.Uncork();
        Abort(reason);
        FailAll();
        await _sweep.DisposeAsync().ConfigureAwait(false);
        _ended.TrySetResult();
    }

    private void FailAll()
    {
        List<PendingRequest> lost;
        bool isHung;
        lock (_lock)
        {
            isHung = _silence.IsHung;
            lost = [.. _inFlight.Values, .. _line, .. _parked.Values];
            _inFlight.Clear();
            _parked.Clear();
            _line.Clear();
            foreach (PendingRequest pending in lost)
            {
                pending.State = PendingState.Done;
                pending.Place = null;
                CancelRival(pending);
            }
        }

        foreach (PendingRequest pending in lost)
        {
            bool isLate = isHung || _time.GetElapsedTime(pending.StartedAt) >= pending.Timeout;
            pending.Complete(isLate ? ChannelReply.TimedOut : ChannelReply.Lost(_closed!));
        }
    }

    /// <summary>Notes that the worker sent something.</summary>
    internal void NoteSign()
    {
        lock (_lock)
        {
            _silence.NoteSign();
        }
    }

    /// <summary>Claims the request whose data comes now, so that nobody else ends it.</summary>
    /// <returns><see langword="null"/> when nobody waits for it any more.</returns>
    internal PendingRequest? Claim(ulong id)
    {
        lock (_lock)
        {
            if (!_inFlight.TryGetValue(id, out PendingRequest? pending) && !_parked.TryGetValue(id, out pending))
            {
                return null;
            }

            pending.State = PendingState.Receiving;
            return pending;
        }
    }

    /// <summary>Ends a claimed request with its answer.</summary>
    /// <returns><see langword="false"/>: the caller kept the thread for so long that another one receives by now; this one must not.</returns>
    internal bool Answer(PendingRequest pending, in ChannelReply reply)
    {
        lock (_lock)
        {
            End(pending, isAnswered: true);
        }

        bool goesOn = _completions.Complete(pending, reply);
        CloseIfRetired();
        return goesOn;
    }
}
